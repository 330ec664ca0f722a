using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Actors.Tests;

/// <summary>One request to a webhook.</summary>
/// <param name="Id">The delivery's id.</param>
/// <param name="Sequence">Its number.</param>
/// <param name="Body">All of it.</param>
/// <param name="Updates">Field and value of each update in it, in order.</param>
/// <param name="Signature">X-Hub-Signature-256.</param>
/// <param name="Signatures">X-Actors-Signature-256.</param>
public sealed record WebhookDelivery(
    string Id, long Sequence, string Body, IReadOnlyList<(string Field, string Value)> Updates, string Signature, string Signatures)
{
    /// <summary>What it was answered; 0 while it isn't, or for nothing.</summary>
    public int Status { get; set; }

    /// <summary>Whether it says that it was parked and driven again.</summary>
    public bool IsRedriven { get; init; }

    /// <summary>Whether its signature is that of a secret.</summary>
    public bool IsSignedWith(string secret) => Signature == SignatureOf(Body, secret);

    /// <summary>The signature of a body, as the Cloud API has it.</summary>
    public static string SignatureOf(string body, string secret) =>
        "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body)));
}

/// <summary>A receiver of webhooks: a real server, which does to its deliveries what a test wants.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<WebhookDelivery> _deliveries = new();
    private WebApplication? _app;

    /// <summary>What it expects of whoever adds it.</summary>
    public const string VerifyToken = "a word of mine";

    /// <summary>Answers a delivery: the status, or null for none, when it has done something to the connection.</summary>
    public Func<WebhookDelivery, HttpContext, Task<int?>> Answer { get; set; } = (_, _) => Task.FromResult<int?>(200);

    /// <summary>Answers the challenge; null for the right answer.</summary>
    public Func<HttpContext, Task>? AnswerChallenge { get; set; }

    /// <summary>Where it is.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Every request that it had, in the order in which they came.</summary>
    public IReadOnlyList<WebhookDelivery> Deliveries => [.. _deliveries];

    /// <summary>Those that it took.</summary>
    public IReadOnlyList<WebhookDelivery> Taken => [.. _deliveries.Where(delivery => delivery.Status == 200)];

    public static async Task<WebhookReceiver> StartAsync()
    {
        var receiver = new WebhookReceiver();
        await receiver.ComeBackAsync("http://127.0.0.1:0");
        return receiver;
    }

    /// <summary>Listens no longer.</summary>
    public async Task DieAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            using var atOnce = new CancellationTokenSource(TimeSpan.Zero);
            await app.StopAsync(atOnce.Token);
            await app.DisposeAsync();
        }
    }

    /// <summary>Listens again, where it did before.</summary>
    public async Task ComeBackAsync(string? url = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url ?? Address.GetLeftPart(UriPartial.Authority));
        builder.WebHost.ConfigureKestrel(server => server.Limits.MaxRequestBodySize = 4_000_000);
        _app = builder.Build();
        _app.MapGet("/hook", ChallengeAsync);
        _app.MapPost("/hook", TakeAsync);
        _app.MapPost("/elsewhere", () => Results.Ok());
        await _app.StartAsync();
        var address = _app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        Address = new Uri(new Uri(address), "/hook");
    }

    /// <summary>Ends once it was told so.</summary>
    public async Task UntilAsync(Func<WebhookReceiver, bool> isSo)
    {
        while (!isSo(this))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync() => await DieAsync();

    private async Task ChallengeAsync(HttpContext context)
    {
        var query = context.Request.Query;
        if (AnswerChallenge is { } other)
        {
            await other(context);
        }
        else if (query["hub.mode"] == "subscribe" && query["hub.verify_token"] == VerifyToken)
        {
            await context.Response.WriteAsync(query["hub.challenge"].ToString());
        }
        else
        {
            context.Response.StatusCode = 403;
        }
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        var headers = context.Request.Headers;
        using var json = JsonDocument.Parse(body);
        var updates = json.RootElement.GetProperty("entry").EnumerateArray().SelectMany(entry => entry.GetProperty("changes").EnumerateArray())
            .Select(change => (change.GetProperty("field").GetString()!, change.GetProperty("value").GetRawText())).ToArray();
        var delivery = new WebhookDelivery(
            headers["X-Actors-Delivery"].ToString(),
            long.Parse(headers["X-Actors-Sequence"].ToString(), CultureInfo.InvariantCulture),
            body,
            updates,
            headers["X-Hub-Signature-256"].ToString(),
            headers["X-Actors-Signature-256"].ToString())
        {
            IsRedriven = headers["X-Actors-Redriven"] == "true",
        };
        _deliveries.Enqueue(delivery);
        if (await Answer(delivery, context) is { } status)
        {
            context.Response.StatusCode = status;
            delivery.Status = status;
        }
    }
}
