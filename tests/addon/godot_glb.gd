# Plays the character of res://line.glb, imported or read at run time, and notes what its faces show at each frame.
extends SceneTree


func _initialize() -> void:
	var task: Dictionary = JSON.parse_string(FileAccess.get_file_as_string("res://task.json"))
	var stage: Node = imported() if task["imported"] else read_now()
	root.add_child(stage)
	var player: AnimationPlayer = stage.find_children("*", "AnimationPlayer", true, false)[0]
	var faces := {}
	for face in stage.find_children("*", "MeshInstance3D", true, false):
		if face.get_blend_shape_count() > 0:
			faces[str(face.name)] = face
	var clip: String = player.get_animation_list()[0]
	player.callback_mode_process = AnimationMixer.ANIMATION_CALLBACK_MODE_PROCESS_MANUAL
	player.play(clip)
	player.advance(task["start_frame"] / task["fps"])
	var shown := {}
	var names := {}
	for name in faces:
		shown[name] = []
		names[name] = []
		for place in faces[name].get_blend_shape_count():
			names[name].append(str(faces[name].mesh.get_blend_shape_name(place)))
	for frame in int(task["frames"]):
		if frame > 0:
			player.advance(1.0 / task["fps"])
		for name in faces:
			var row := []
			for place in faces[name].get_blend_shape_count():
				row.append(faces[name].get_blend_shape_value(place))
			shown[name].append(row)
	var file := FileAccess.open("res://shown.json", FileAccess.WRITE)
	file.store_string(JSON.stringify({"clips": player.get_animation_list(), "names": names, "values": shown}, "", true, true))
	file.close()
	quit(0)


func imported() -> Node:
	return (load("res://line.glb") as PackedScene).instantiate()


func read_now() -> Node:
	var document := GLTFDocument.new()
	var state := GLTFState.new()
	assert(document.append_from_file("res://line.glb", state) == OK)
	return document.generate_scene(state)
