/* One texel is one splat: from its own axes into the picture. The same sums as core/splat/render.py, project(). */

ivec2 at(int index, int width)
{
  return ivec2(index % width, index / width);
}

mat3 turned(vec4 q)
{
  float w = q.x, x = q.y, y = q.z, z = q.w;
  return mat3(1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y + w * z), 2.0 * (x * z - w * y),
              2.0 * (x * y - w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z + w * x),
              2.0 * (x * z + w * y), 2.0 * (y * z - w * x), 1.0 - 2.0 * (x * x + y * y));
}

void read_coefficients(int index)
{
  int texels = harmonics.z;
  for (int k = 0; k < texels; k++) {
    vec4 four = texelFetch(colors, at(index * texels + k, harmonics.y), 0);
    coefficients[4 * k] = four.x;
    coefficients[4 * k + 1] = four.y;
    coefficients[4 * k + 2] = four.z;
    coefficients[4 * k + 3] = four.w;
  }
}

/* How pixels move when a point does that lies x right, y up and z before the camera; two rows. */
void jacobian(vec3 p, out vec3 across, out vec3 up)
{
  vec2 focal = sight.lens.xy;
  across = vec3(focal.x, 0.0, 0.0);
  up = vec3(0.0, focal.y, 0.0);
  if (marks.w < 0.5) {
    vec2 slope = clamp(p.xy / p.z, -sight.bounds.xy, sight.bounds.xy);
    across = vec3(focal.x, 0.0, -focal.x * slope.x) / p.z;
    up = vec3(0.0, focal.y, -focal.y * slope.y) / p.z;
  }
}

void main()
{
  ivec2 texel = ivec2(gl_FragCoord.xy);
  int index = (texel.y - span.y) * span.x + texel.x;
  middle = vec4(0.0);
  spread = vec4(0.0);
  shown = vec4(0.0);
  if (index >= span.z) {
    return;
  }
  vec4 place = texelFetch(places, at(index, span.w), 0);
  vec3 seen = (sight.to_camera * vec4(place.xyz, 1.0)).xyz;
  vec3 point = vec3(seen.xy, -seen.z);
  float opacity = 1.0 / (1.0 + exp(-place.w));
  if (!(point.z > sight.bounds.z) || opacity < LEAST_ALPHA) {
    return;
  }
  mat3 axes = mat3(sight.to_camera) * turned(texelFetch(quats, at(index, span.w), 0));
  vec3 scales = exp(texelFetch(sizes, at(index, span.w), 0).xyz);
  vec3 across, up;
  jacobian(point, across, up);
  axes = mat3(axes[0] * scales.x, axes[1] * scales.y, axes[2] * scales.z);
  axes[0].z = -axes[0].z;
  axes[1].z = -axes[1].z;
  axes[2].z = -axes[2].z;
  vec3 first = across * axes, second = up * axes;
  float xx = dot(first, first), xy = dot(first, second), yy = dot(second, second);
  float area = (xx + DILATION) * (yy + DILATION) - xy * xy;
  if (sight.bounds.w > 0.5) {
    vec3 sheet = cross(first, second);
    opacity *= sqrt(dot(sheet, sheet) / area);
  }
  if (opacity < LEAST_ALPHA) {
    return;
  }
  vec2 center = point.xy * sight.lens.xy * (marks.w < 0.5 ? 1.0 / point.z : 1.0) + sight.lens.zw;
  vec3 ray = marks.w < 0.5 ? normalize(seen) : vec3(0.0, 0.0, -1.0);
  read_coefficients(index);
  middle = vec4(center, point.z, opacity);
  spread = vec4(xx + DILATION, xy, yy + DILATION, marks.x);
  shown = vec4(shown_color(mat3(sight.turn) * ray, harmonics.x), marks.y + 2.0 * marks.z);
}
