using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Actors.Api.Tests;

/// <summary>A code goes to the gateway and nowhere else: not into the log of the node that makes it, however much that is told to write.</summary>
public sealed class EnrolmentLogTests(EnrolmentLogTests.Gated node) : IClassFixture<EnrolmentLogTests.Gated>
{
    [Fact]
    public async Task No_code_and_no_number_stands_in_the_log()
    {
        var (user, unlucky) = (NodeFixture.NewUser(), NodeFixture.NewUser());
        var id = await BeginAsync(user, 202);
        var code = node.Sent[NodeFixture.User(user)];
        var wrong = code == "482913" ? "482914" : "482913";
        Assert.Equal(403, (await FinishAsync(id, wrong)).Status);
        var enrolled = await FinishAsync(id, code);
        Assert.Equal(201, enrolled.Status);

        // Where the gateway fails something is told: not what was in the request.
        node.Status = 500;
        await BeginAsync(unlucky, 503);

        // The access log is written a moment later.
        while (!node.Lines.Any(line => line.Contains("/v1/enrolments", StringComparison.Ordinal)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        var lines = node.Lines.ToArray();
        Assert.Contains(lines, line => line.Contains("gateway", StringComparison.OrdinalIgnoreCase));
        var token = enrolled.Body.GetProperty("token").GetString()!;
        string[] hidden = [code, wrong, node.Sent[NodeFixture.User(unlucky)], NodeFixture.User(user), NodeFixture.User(unlucky), token, "known-to-the-gateway"];
        foreach (var secret in hidden)
        {
            // Whole words: by chance a longer number may hold six digits.
            Assert.DoesNotContain(lines, line => System.Text.RegularExpressions.Regex.IsMatch(line, $@"(?<!\w){secret}(?!\w)"));
        }
    }

    private async Task<string> BeginAsync(long user, int status)
    {
        var reply = await node.CallAsync("POST", "/v1/enrolments", null, new { user = "+" + NodeFixture.User(user) });
        Assert.True(reply.Status == status, reply.Text);
        return status == 202 ? reply.Body.GetProperty("id").GetString()! : "";
    }

    private Task<TestReply> FinishAsync(string id, string code) => node.CallAsync("POST", $"/v1/enrolments/{id}", null, new { code });

    /// <summary>A node that writes down all that it can, and a gateway beside it.</summary>
    public sealed class Gated : NodeFixture, ILoggerProvider, ILogger
    {
        private WebApplication _gateway = null!;

        /// <summary>What the gateway was sent last, by number.</summary>
        internal ConcurrentDictionary<string, string> Sent { get; } = new();

        /// <summary>What the node wrote.</summary>
        internal ConcurrentQueue<string> Lines { get; } = new();

        /// <summary>What the gateway answers.</summary>
        internal int Status { get; set; } = 204;

        protected override string[] Arguments =>
        [
            "--Enrolment:Channel", "http", "--Enrolment:Token", "known-to-the-gateway", "--Enrolment:Url",
            _gateway.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First(),
            "--Logging:LogLevel:Default", "Debug", "--Logging:LogLevel:Actors", "Trace", "--Http:AccessLog", "true",
        ];

        public override async ValueTask InitializeAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            _gateway = builder.Build();
            _gateway.Run(async context =>
            {
                using var body = await JsonDocument.ParseAsync(context.Request.Body);
                Sent[body.RootElement.GetProperty("to").GetString()![1..]] = body.RootElement.GetProperty("code").GetString()!;
                context.Response.StatusCode = Status;
            });
            await _gateway.StartAsync();
            await base.InitializeAsync();
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            await _gateway.DisposeAsync();
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{formatter(state, exception)} {state} {exception}");

        public void Dispose()
        {
        }

        protected override void Configure(IServiceCollection services) => services.AddSingleton<ILoggerProvider>(this);
    }
}
