namespace Actors.Api.Hosting;

/// <summary>The configuration is wrong: the program doesn't start, and the message says what to write.</summary>
public sealed class ConfigurationException : Exception
{
    /// <summary>Creates it.</summary>
    public ConfigurationException(string message) : base(message)
    {
    }
}
