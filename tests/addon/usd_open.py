"""Opens a USD file with usd-core and prints what its checkers find and what its faces do, as JSON.

A process of its own: Blender carries another USD.
"""

from __future__ import annotations

import json
import sys

from pxr import Usd, UsdGeom, UsdSkel, UsdValidation

stage = Usd.Stage.Open(sys.argv[1])
validators = UsdValidation.ValidationRegistry().GetOrLoadAllValidators()
issues = UsdValidation.ValidationContext(validators).Validate(stage)
cache = UsdSkel.Cache()
faces = {}
for prim in stage.Traverse():
    root = UsdSkel.Root(prim)
    if not root:
        continue
    cache.Populate(root, Usd.PrimDefaultPredicate)
    for binding in cache.ComputeSkelBindings(root, Usd.PrimDefaultPredicate):
        animation = cache.GetSkelQuery(binding.GetSkeleton()).GetAnimQuery()
        for target in binding.GetSkinningTargets():
            mesh = target.GetPrim()
            shapes = UsdSkel.BlendShapeQuery(UsdSkel.BindingAPI(mesh))
            names = [shapes.GetBlendShape(place).GetPrim().GetName() for place in range(shapes.GetNumBlendShapes())]
            rows = []
            for time in range(round(stage.GetStartTimeCode()), round(stage.GetEndTimeCode()) + 1):
                weights = animation.ComputeBlendShapeWeights(time)
                rows.append(list(target.GetBlendShapeMapper().Remap(weights)))
            faces[mesh.GetName()] = {"names": names, "rows": rows}
sys.stdout.write(
    json.dumps(
        {
            "validators": len(validators),
            "issues": [f"{issue.GetName()}: {issue.GetMessage()}" for issue in issues],
            "up": UsdGeom.GetStageUpAxis(stage),
            "fps": stage.GetTimeCodesPerSecond(),
            "start": stage.GetStartTimeCode(),
            "end": stage.GetEndTimeCode(),
            "faces": faces,
        }
    )
)
