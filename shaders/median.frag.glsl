/* Adds up what dims the light (the negative logarithm of the rest) by where in its pixel's bracket a splat lies. */

void main()
{
  vec4 bracket = texelFetch(brackets, ivec2(gl_FragCoord.xy), 0);
  float place = splat_conic.w - bracket.x;
  if (bracket.x < 0.0 || place < 0.0 || place >= 16.0 * stride) {
    discard;
  }
  float dimmed = -log(1.0 - coverage());
  int slot = int(place / stride);
  vec4 four = vec4(equal(ivec4(slot & 3), ivec4(0, 1, 2, 3))) * dimmed;
  sums_a = slot < 4 ? four : vec4(0.0);
  sums_b = slot >= 4 && slot < 8 ? four : vec4(0.0);
  sums_c = slot >= 8 && slot < 12 ? four : vec4(0.0);
  sums_d = slot >= 12 ? four : vec4(0.0);
}
