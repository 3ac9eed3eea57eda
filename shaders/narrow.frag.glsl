/* Of sixteen parts of a pixel's bracket, the one in which half of the light is gone becomes its bracket. */

void main()
{
  ivec2 texel = ivec2(gl_FragCoord.xy);
  vec4 bracket = texelFetch(brackets, texel, 0);
  narrowed = vec4(-1.0, 0.0, 0.0, 0.0);
  if (bracket.x < 0.0) {
    return;
  }
  vec4 fours[4];
  fours[0] = texelFetch(sums_a, texel, 0);
  fours[1] = texelFetch(sums_b, texel, 0);
  fours[2] = texelFetch(sums_c, texel, 0);
  fours[3] = texelFetch(sums_d, texel, 0);
  float dimmed = bracket.y;
  for (int slot = 0; slot < 16; slot++) {
    float more = dimmed + fours[slot / 4][slot % 4];
    if (more >= HALVED) {
      narrowed = vec4(bracket.x + float(slot) * stride, dimmed, 0.0, 0.0);
      return;
    }
    dimmed = more;
  }
}
