namespace Actors.Policy;

/// <summary>Lets a number of the policy through only within its range. The messages name the configuration key: they are what stops a wrong start.</summary>
internal static class Checked
{
    public static int Count(string key, int value, int min, int max) => value >= min && value <= max
        ? value
        : throw new ArgumentOutOfRangeException(null, $"{key} must be a whole number from {min} to {max}, but is {value}.");

    public static TimeSpan Length(string key, TimeSpan value, TimeSpan min, TimeSpan max) =>
        value >= min && value <= max && value.Ticks % TimeSpan.TicksPerMillisecond == 0
            ? value
            : throw new ArgumentOutOfRangeException(null, $"{key} must be whole milliseconds from {min} to {max}, but is {value}.");
}
