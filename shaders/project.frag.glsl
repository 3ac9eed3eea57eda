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

/* One of the numbers that are packed in a texture, four to a texel. */
float number(sampler2D source, int place, int width)
{
  return texelFetch(source, at(place / 4, width), 0)[place % 4];
}

vec3 three(sampler2D source, int index)
{
  return vec3(number(source, 3 * index, span.w),
              number(source, 3 * index + 1, span.w),
              number(source, 3 * index + 2, span.w));
}

void read_coefficients(int index)
{
  int numbers = 3 * (harmonics.x + 1) * (harmonics.x + 1);
  for (int k = 0; k < numbers; k++) {
    coefficients[k] = number(colors, index * numbers + k, harmonics.y);
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
  vec3 seen = (sight.to_camera * vec4(three(means, index), 1.0)).xyz;
  vec3 point = vec3(seen.xy, -seen.z);
  float opacity = 1.0 / (1.0 + exp(-number(logits, index, span.w)));
  if (!(point.z > sight.bounds.z) || opacity < LEAST_ALPHA) {
    return;
  }
  mat3 axes = mat3(sight.to_camera) * turned(texelFetch(quats, at(index, span.w), 0));
  vec3 scales = exp(three(sizes, index));
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
