namespace Actors.Grains;

/// <summary>The node is configured otherwise than the platform, by its policy or its key: it doesn't start, and the message says what to do.</summary>
public sealed class MismatchException : Exception
{
    /// <summary>Creates it.</summary>
    public MismatchException(string message) : base(message)
    {
    }
}
