using System.Collections.Concurrent;
using Actors.Contracts;
using Actors.Silo;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Actors.Api.Tests.Operations;

/// <summary>No log holds a phone number, an argument of a call, or a secret: neither ours nor that of Orleans, which prints whole calls.</summary>
public sealed class DiscreetLogsTests : IAsyncLifetime
{
    private const string Call = "Request [S127.0.0.1:0 sys.client/1]->[S127.0.0.1:0 user/475FE24AE92] actors.user.Write(+4915112345678, my-secret)";

    private readonly Kept _kept = new();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("actors-api-tests-");
    private Microsoft.AspNetCore.Builder.WebApplication _node = null!;

    private ILogger Of(string category) => _node.Services.GetRequiredService<ILoggerFactory>().CreateLogger(category);

    public ValueTask InitializeAsync()
    {
        _node = Node.Build(["--Data:Directory", _directory.FullName], services => services.AddSingleton<ILoggerProvider>(_kept));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData("Orleans.Runtime.CallbackData")]
    [InlineData("Orleans.Runtime.ActivationData")]
    [InlineData("Orleans.Messaging")]
    public void Of_a_call_that_orleans_prints_the_words_stay_and_the_call_goes(string category)
    {
#pragma warning disable CA1848, CA2254 // As Orleans writes it.
        Of(category).LogWarning(
            new TimeoutException(Call),
            "Response did not arrive on time in '{Timeout}' for message: '{Message}'. {Status}",
            TimeSpan.FromSeconds(5),
            Call,
            Call);
#pragma warning restore CA1848, CA2254
        var line = Assert.Single(_kept.Lines);
        Assert.StartsWith("Response did not arrive on time in '00:00:05' for message: '{Message}'.", line, StringComparison.Ordinal);
        Assert.Contains("System.TimeoutException", line, StringComparison.Ordinal);
        Holds(line);
    }

    [Fact]
    public void Of_an_exception_of_a_call_in_a_line_of_ours_the_type_stays_and_what_it_says_goes()
    {
        var within = new InvalidOperationException("outer " + Call, new SiloUnavailableException(Call));
#pragma warning disable CA1848 // Any line.
        Of("Actors.Grains.WebhookFeedGrain").LogError(within, "The feed of {Business} is held up", 7);
#pragma warning restore CA1848
        var line = Assert.Single(_kept.Lines);
        Assert.StartsWith("The feed of 7 is held up", line, StringComparison.Ordinal);
        Assert.Contains("System.InvalidOperationException <- Orleans.Runtime.SiloUnavailableException", line, StringComparison.Ordinal);
        Holds(line);
    }

    [Fact]
    public void What_else_is_logged_stays_as_it_is()
    {
#pragma warning disable CA1848 // Any line.
        Of("Actors.Api").LogError(new InvalidOperationException("a bug"), "Answered {Status}", 500);
#pragma warning restore CA1848
        var line = Assert.Single(_kept.Lines);
        Assert.StartsWith("Answered 500", line, StringComparison.Ordinal);
        Assert.Contains("a bug", line, StringComparison.Ordinal);
    }

    [Fact]
    public void What_carries_a_secret_of_a_webhook_prints_nothing_of_it()
    {
        var secret = new WebhookSecret("my-secret");
        Holds($"{secret} {new WebhookRequest("https://shop.example/", secret, [], secret, null)} {new RotateReply(secret, null, false)}");
        Holds($"{new SubscribeReply(null, secret, null, "")}");
    }

    private static void Holds(string line)
    {
        Assert.DoesNotContain("475FE24AE92", line, StringComparison.Ordinal);
        Assert.DoesNotContain("4915112345678", line, StringComparison.Ordinal);
        Assert.DoesNotContain("my-secret", line, StringComparison.Ordinal);
    }

    /// <summary>Keeps lines as a log would print them.</summary>
    private sealed class Kept : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public IReadOnlyList<string> Lines => [.. _lines];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue($"{formatter(state, exception)} {state} {exception} {exception?.Message} {exception?.InnerException?.Message}");

        public void Dispose()
        {
        }
    }
}
