using Actors.Policy;

namespace Actors.Api.Enrolments;

/// <summary>For development: writes codes to the node's log, where whoever runs the node reads them.</summary>
internal sealed partial class ConsoleChannel(ILogger<ConsoleChannel> logger) : IEnrolmentChannel
{
    private const int DigitsShown = 100;

    public Task SendAsync(long user, string code, Instant expiresAt, CancellationToken cancellationToken)
    {
        LogCode(logger, user % DigitsShown, code, expiresAt);
        return Task.CompletedTask;
    }

    // The one place where a code is logged; and even here no whole number.
    [LoggerMessage(
        EventId = 4401, Level = LogLevel.Information, Message = "The code for the number that ends in {Digits:00} is {Code}; it is good until {ExpiresAt}")]
    private static partial void LogCode(ILogger logger, long digits, string code, Instant expiresAt);
}
