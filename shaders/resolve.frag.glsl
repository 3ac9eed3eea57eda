/* Depths of the picture: the mean, the one where half of the light is gone, that in window space, and whose it is. */

ivec2 at(int index)
{
  return ivec2(index % WIDTH, index / WIDTH);
}

float window_depth(float distance)
{
  return 0.5 + 0.5 * (window.y - window.x * distance) / (window.w - window.z * distance);
}

void main()
{
  ivec2 texel = ivec2(gl_FragCoord.xy);
  vec4 sums = texelFetch(facts, texel, 0);
  vec4 bracket = texelFetch(brackets, texel, 0);
  float mean = sums.w > 0.0 ? sums.x / sums.w : FAR;
  resolved = vec4(mean, FAR, sums.w > 0.0 ? window_depth(mean) : 1.0, -1.0);
  if (bracket.x >= 0.0) {
    ivec2 place = at(int(texelFetch(order, at(int(bracket.x)), 0).x));
    float middle = texelFetch(middles, place, 0).z;
    resolved = vec4(mean, middle, window_depth(middle), texelFetch(spreads, place, 0).w);
  }
}
