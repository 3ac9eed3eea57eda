/* A canvas over the viewport: outline of what is selected, colours as the viewport shows meshes, mesh by mesh depth. */

float stored(float shown)
{
  if (outline.w > 0.0) {
    return pow(shown, outline.w);
  }
  return shown <= 0.04045 ? shown / 12.92 : pow((shown + 0.055) / 1.055, 2.4);
}

/* The light to draw for a colour to be shown. outline.w: how the viewport undoes it, a gamma; 0 for sRGB's curve. */
vec3 stored(vec3 shown)
{
  return vec3(stored(shown.x), stored(shown.y), stored(shown.z));
}

/* A table of what the scene's view transform makes of display colours; of one texel: nothing. */
vec3 as_viewed(vec3 shown)
{
  vec3 steps = vec3(textureSize(table, 0));
  return steps.x < 2.0 ? shown : texture(table, (clamp(shown, 0.0, 1.0) * (steps - 1.0) + 0.5) / steps).rgb;
}

/* Weights of what is selected and active around a pixel, and the depth of the nearest that has some. */
vec3 around(ivec2 texel)
{
  vec3 found = vec3(0.0, 0.0, 1.0);
  ivec2 last = textureSize(color, 0) - 1;
  int width = int(outline.x);
  for (int y = -width; y <= width; y++) {
    for (int x = -width; x <= width; x++) {
      if (x * x + y * y > width * width + 1) {
        continue;
      }
      ivec2 near = clamp(texel + ivec2(x, y), ivec2(0), last);
      vec4 weights = texelFetch(facts, near, 0);
      found.xy = max(found.xy, weights.yz);
      if (weights.y + weights.z > 0.5) {
        found.z = min(found.z, texelFetch(depths, near, 0).z);
      }
    }
  }
  return found;
}

bool inside(vec4 box)
{
  vec2 p = gl_FragCoord.xy;
  return p.x >= box.x && p.y >= box.y && p.x < box.z && p.y < box.w;
}

void main()
{
  ivec2 texel = ivec2(gl_FragCoord.xy);
  vec4 light = texelFetch(color, texel, 0);
  vec4 weights = texelFetch(facts, texel, 0);
  float depth = texelFetch(depths, texel, 0).z;
  if (!inside(border)) {
    light = vec4(0.0);
  }
  shown = vec4(stored(as_viewed(max(light.rgb / max(light.a, 1e-6), 0.0))), 1.0) * light.a;
  shown.rgb *= inside(frame) ? 1.0 : outline.y;
  if (outline.x > 0.5 && weights.y + weights.z < 0.5) {
    vec3 edge = around(texel);
    if (edge.x + edge.y > 0.5) {
      shown = vec4(stored(edge.y > 0.5 ? active_line.rgb : selected_line.rgb), 1.0);
      depth = edge.z;
    }
  }
  if (shown.a < LEAST_ALPHA || shown.a < outline.z) {
    discard;
  }
  gl_FragDepth = depth;
}
