# Plays res://line.tres on a face with the blend shapes that task.json names, and notes what is seen at each frame; then saves it anew.
extends SceneTree


func _initialize() -> void:
	var task: Dictionary = JSON.parse_string(FileAccess.get_file_as_string("res://task.json"))
	var stage := Node3D.new()
	stage.name = "Stage"
	root.add_child(stage)
	var face := MeshInstance3D.new()
	face.name = "Face"
	face.mesh = face_mesh(task["names"])
	stage.add_child(face)
	var head := Node3D.new()
	head.name = "Head"
	stage.add_child(head)
	var player := AnimationPlayer.new()
	stage.add_child(player)
	var animation: Animation = load("res://line.tres")
	var library := AnimationLibrary.new()
	library.add_animation("line", animation)
	player.add_animation_library("", library)
	player.callback_mode_process = AnimationMixer.ANIMATION_CALLBACK_MODE_PROCESS_MANUAL
	player.play("line")
	player.advance(task["start_frame"] / task["fps"])
	var values := []
	var turns := []
	for frame in int(task["frames"]):
		if frame > 0:
			player.advance(1.0 / task["fps"])
		var row := []
		for place in face.get_blend_shape_count():
			row.append(face.get_blend_shape_value(place))
		values.append(row)
		turns.append([head.quaternion.x, head.quaternion.y, head.quaternion.z, head.quaternion.w])
	var file := FileAccess.open("res://shown.json", FileAccess.WRITE)
	file.store_string(JSON.stringify({"values": values, "turns": turns, "tracks": animation.get_track_count()}, "", true, true))
	file.close()
	ResourceSaver.save(animation, "res://saved.tres")
	quit(0)


func face_mesh(names: Array) -> ArrayMesh:
	var mesh := ArrayMesh.new()
	var corners := PackedVector3Array([Vector3.ZERO, Vector3.RIGHT, Vector3.UP])
	var surface := []
	surface.resize(Mesh.ARRAY_MAX)
	surface[Mesh.ARRAY_VERTEX] = corners
	surface[Mesh.ARRAY_NORMAL] = PackedVector3Array([Vector3.BACK, Vector3.BACK, Vector3.BACK])
	var shape := []
	shape.resize(3)
	shape[Mesh.ARRAY_VERTEX] = corners
	shape[Mesh.ARRAY_NORMAL] = surface[Mesh.ARRAY_NORMAL]
	var shapes := []
	for name in names:
		mesh.add_blend_shape(name)
		shapes.append(shape)
	mesh.add_surface_from_arrays(Mesh.PRIMITIVE_TRIANGLES, surface, shapes)
	return mesh
