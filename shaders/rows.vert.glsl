/* A rectangle over whole rows of a target. rows: its lower and upper edge, -1 to 1. */

void main()
{
  gl_Position = vec4(corner.x, corner.y < 0.0 ? rows.x : rows.y, 0.0, 1.0);
}
