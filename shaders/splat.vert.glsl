/* A quad over all of the picture in which a splat covers LEAST_ALPHA or more. The last instance is the nearest. */

ivec2 at(int index)
{
  return ivec2(index % WIDTH, index / WIDTH);
}

void main()
{
  int nearness = amount - 1 - gl_InstanceID;
  ivec2 place = at(int(texelFetch(order, at(nearness), 0).x));
  vec4 middle = texelFetch(middles, place, 0);
  gl_Position = vec4(0.0, 0.0, -2.0, 1.0);
  if (middle.w < LEAST_ALPHA) {
    return;
  }
  vec4 spread = texelFetch(spreads, place, 0);
  float area = spread.x * spread.z - spread.y * spread.y;
  float half_difference = 0.5 * (spread.x - spread.z);
  float radius = length(vec2(half_difference, spread.y));
  float longest = 0.5 * (spread.x + spread.z) + radius;
  vec2 along = half_difference > 0.0 ? vec2(half_difference + radius, spread.y) :
                                       vec2(spread.y, radius - half_difference);
  along = radius > 1e-6 * longest ? normalize(along) : vec2(1.0, 0.0);
  float sigmas = sqrt(2.0 * log(middle.w / LEAST_ALPHA)) * 1.0005 + 0.001;
  vec2 reach = sigmas * sqrt(vec2(longest, area / longest));
  vec2 pixel = middle.xy + corner.x * reach.x * along + corner.y * reach.y * vec2(-along.y, along.x);
  float depth = -middle.z;
  splat_center = vec4(middle.xyz, middle.w);
  splat_conic = vec4(spread.z / area, -spread.y / area, spread.x / area, float(nearness));
  splat_shown = texelFetch(shown, place, 0);
  splat_window = 0.5 + 0.5 * (window.x * depth + window.y) / (window.z * depth + window.w);
  gl_Position = vec4(2.0 * pixel / size - 1.0, 0.0, 1.0);
}
