/* Blended from back to front, premultiplied, in display space. facts: what the same weights make of other numbers. */

void main()
{
  float alpha = coverage();
  color = vec4(splat_shown.rgb, 1.0) * alpha;
  float active_one = splat_shown.w > 1.5 ? 1.0 : 0.0;
  facts = vec4(splat_center.z, splat_shown.w - 2.0 * active_one, active_one, 1.0) * alpha;
}
