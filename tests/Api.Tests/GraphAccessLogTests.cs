using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Actors.Api.Tests;

/// <summary>A node that logs every request, to where a test can read it.</summary>
public sealed class LoggingNode : NodeFixture
{
    internal Channel<string> Lines { get; } = Channel.CreateUnbounded<string>();

    protected override string[] Arguments => ["--Http:AccessLog", "true", "--Logging:LogLevel:Actors.Api", "Information"];

    protected override void Configure(IServiceCollection services) => services.AddSingleton<ILoggerProvider>(new Reader(Lines.Writer));

    private sealed class Reader(ChannelWriter<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose() => lines.TryComplete();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.TryWrite(formatter(state, exception) + exception);
    }
}

/// <summary>What the log says of requests.</summary>
public sealed class GraphAccessLogTests(LoggingNode node) : IClassFixture<LoggingNode>
{
    [Fact]
    public async Task A_line_has_the_routes_template_and_no_id_or_number_of_anybody()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.WriteAsync(user, business);
        await node.SendTextAsync(business, user, "a secret");
        await node.CallAsync("GET", $"/nonsense/{user}", business.Token);

        var lines = new List<string>();
        await foreach (var line in node.Lines.Reader.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            lines.Add(line);
            if (line.StartsWith("GET unmatched 404", StringComparison.Ordinal))
            {
                break;
            }
        }

        Assert.Contains(lines, line => line.StartsWith("POST /{number}/messages 200 ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("POST /v1/users/{user}/messages 201 ", StringComparison.Ordinal));
        foreach (var hidden in new[] { NodeFixture.User(user), "a secret", business.Token, $"{business.Number}" })
        {
            Assert.DoesNotContain(lines, line => line.Contains(hidden, StringComparison.Ordinal));
        }
    }
}
