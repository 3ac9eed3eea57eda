/* Colours that splats show to a side. Basis and signs: Kerbl et al. 2023, as in core/splat/rotate_sh.py. */

float coefficients[48];

vec3 coefficient(int k)
{
  return vec3(coefficients[3 * k], coefficients[3 * k + 1], coefficients[3 * k + 2]);
}

vec3 linear_part(vec3 d)
{
  return SH_1 * (-d.y * coefficient(1) + d.z * coefficient(2) - d.x * coefficient(3));
}

vec3 quadratic_part(vec3 d)
{
  return SH_2A * (d.x * d.y * coefficient(4) - d.y * d.z * coefficient(5) - d.x * d.z * coefficient(7)) +
         SH_2B * (2.0 * d.z * d.z - d.x * d.x - d.y * d.y) * coefficient(6) +
         SH_2C * (d.x * d.x - d.y * d.y) * coefficient(8);
}

vec3 cubic_part(vec3 d)
{
  float xx = d.x * d.x, yy = d.y * d.y, zz = d.z * d.z;
  return -SH_3A * d.y * (3.0 * xx - yy) * coefficient(9) + SH_3B * d.x * d.y * d.z * coefficient(10) -
         SH_3C * d.y * (4.0 * zz - xx - yy) * coefficient(11) +
         SH_3D * d.z * (2.0 * zz - 3.0 * xx - 3.0 * yy) * coefficient(12) -
         SH_3C * d.x * (4.0 * zz - xx - yy) * coefficient(13) + SH_3E * d.z * (xx - yy) * coefficient(14) -
         SH_3A * d.x * (xx - 3.0 * yy) * coefficient(15);
}

/* direction: unit, from the eye to the splat, in the axes of the coefficients. */
vec3 shown_color(vec3 direction, int degree)
{
  vec3 color = vec3(0.5) + SH_DC * coefficient(0);
  if (degree > 0) {
    color += linear_part(direction);
  }
  if (degree > 1) {
    color += quadratic_part(direction);
  }
  if (degree > 2) {
    color += cubic_part(direction);
  }
  return max(color, vec3(0.0));
}
