/* How much of a pixel the splat covers; pixels it does not touch, or that a mesh hides, are left. */

float coverage()
{
  vec2 d = gl_FragCoord.xy - splat_center.xy;
  float power = splat_conic.x * d.x * d.x + 2.0 * splat_conic.y * d.x * d.y + splat_conic.z * d.y * d.y;
  float alpha = splat_center.w * exp(-0.5 * power);
  if (alpha < LEAST_ALPHA || splat_window > texelFetch(mesh, ivec2(gl_FragCoord.xy) % textureSize(mesh, 0), 0).x) {
    discard;
  }
  return min(alpha, MOST_ALPHA);
}
