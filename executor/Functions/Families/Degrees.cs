namespace VecSQL.Executor.Functions.Families;

/// <summary>Trigonometry in degrees, exact where the result is: sind(30) is one half, and tand(45) one.</summary>
/// <remarks>
/// Values are scaled by what the function itself gives for the corner of its range (sine by that of 30 degrees, one minus cosine by that
/// of 60), so that the corners come out exact and what is between them is smooth. The last digits are those of PostgreSQL.
/// </remarks>
internal static class Degrees
{
    private const double Radians = 0.0174532925199432957692; // of a degree

    private static readonly double Sin30 = Math.Sin(30 * Radians), VersedSin60 = 1 - Math.Cos(60 * Radians);
    private static readonly double AsinHalf = Math.Asin(0.5), AcosHalf = Math.Acos(0.5), AtanOne = Math.Atan(1);
    private static readonly double Tan45 = QuadrantSin(45) / QuadrantCos(45), Cot45 = QuadrantCos(45) / QuadrantSin(45);

    internal static double Sin(double degrees)
    {
        (double angle, bool isBelow, _) = ToQuadrant(degrees);
        double sin = QuadrantSin(angle);
        return isBelow ? -sin : sin;
    }

    internal static double Cos(double degrees)
    {
        (double angle, _, bool isLeft) = ToQuadrant(degrees);
        double cos = QuadrantCos(angle);
        return isLeft ? -cos : cos;
    }

    internal static double Tan(double degrees)
    {
        (double angle, bool isBelow, bool isLeft) = ToQuadrant(degrees);
        double tan = QuadrantSin(angle) / QuadrantCos(angle) / Tan45;
        return (isBelow != isLeft ? -tan : tan) + 0.0; // a zero has no sign
    }

    internal static double Cot(double degrees)
    {
        (double angle, bool isBelow, bool isLeft) = ToQuadrant(degrees);
        double cot = QuadrantCos(angle) / QuadrantSin(angle) / Cot45;
        return (isBelow != isLeft ? -cot : cot) + 0.0;
    }

    internal static double Asin(double x) => x >= 0 ? QuadrantAsin(x) : -QuadrantAsin(-x);

    internal static double Acos(double x) => x >= 0 ? QuadrantAcos(x) : 90 + QuadrantAsin(-x);

    /// <summary>The degrees of what an arc tangent gives.</summary>
    internal static double OfRadians(double arcTangent) => arcTangent / AtanOne * 45;

    /// <summary>The angle in the first quadrant that it mirrors, and on which sides of the circle it is.</summary>
    private static (double Angle, bool IsBelow, bool IsLeft) ToQuadrant(double degrees)
    {
        double angle = degrees % 360;
        bool isBelow = angle < 0;
        angle = Math.Abs(angle);
        if (angle > 180)
        {
            angle = 360 - angle;
            isBelow = !isBelow;
        }
        bool isLeft = angle > 90;
        return (isLeft ? 180 - angle : angle, isBelow, isLeft);
    }

    private static double QuadrantSin(double angle) => angle <= 30 ? SinTo30(angle) : CosTo60(90 - angle);

    private static double QuadrantCos(double angle) => angle <= 60 ? CosTo60(angle) : SinTo30(90 - angle);

    private static double SinTo30(double angle) => Math.Sin(angle * Radians) / Sin30 / 2;

    private static double CosTo60(double angle) => 1 - ((1 - Math.Cos(angle * Radians)) / VersedSin60 / 2);

    private static double QuadrantAsin(double x) => x <= 0.5 ? Math.Asin(x) / AsinHalf * 30 : 90 - (Math.Acos(x) / AcosHalf * 60);

    private static double QuadrantAcos(double x) => x <= 0.5 ? 90 - (Math.Asin(x) / AsinHalf * 30) : Math.Acos(x) / AcosHalf * 60;
}
