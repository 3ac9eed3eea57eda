/* Surfaces of which only the depth is wanted. */

void main()
{
  gl_Position = to_window * vec4(point, 1.0);
}
