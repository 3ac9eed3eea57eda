/* Depth in the window, in a texture that other shaders read by whole pixels. */

void main()
{
  depth = gl_FragCoord.z;
}
