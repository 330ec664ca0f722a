using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Actors.Api.Auth;
using Actors.Silo;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

[assembly: AssemblyFixture(typeof(Actors.Api.Tests.NodeFixture))]

namespace Actors.Api.Tests;

/// <summary>
/// A real node in this process: SQLite in a directory of its own, HTTP on a free port. All tests share one; each makes its own businesses and users.
/// </summary>
public class NodeFixture : IAsyncLifetime
{
    private static long _lastUser = 49_150_000_000;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("actors-api-tests-");
    private WebApplication? _node;

    /// <summary>Further configuration, as on the command line.</summary>
    protected virtual string[] Arguments => [];

    /// <summary>Replaces services.</summary>
    protected virtual void Configure(IServiceCollection services)
    {
    }

    /// <summary>The node's address.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Speaks to the node.</summary>
    public HttpClient Http { get; private set; } = null!;

    /// <summary>The node's services.</summary>
    public IServiceProvider Services => _node!.Services;

    /// <summary>Makes tokens of every kind.</summary>
    public TokenIssuer Tokens => Services.GetRequiredService<TokenIssuer>();

    /// <summary>An operator's token.</summary>
    public string Operator => Tokens.ForOperator("ann", TimeSpan.FromDays(1));

    public virtual async ValueTask InitializeAsync()
    {
        string[] arguments = ["--urls", "http://127.0.0.1:0", "--Data:Directory", _directory.FullName, "--Logging:LogLevel:Default", "Warning", .. Arguments];
        _node = Node.Build(arguments, Configure);
        await _node.StartAsync();
        Address = new Uri(_node.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());
        Http = new HttpClient { BaseAddress = Address };
    }

    public virtual async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _node!.StopAsync();
        await _node.DisposeAsync();
        _directory.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the node and starts another one on the same data, at another address.</summary>
    public async Task RestartAsync()
    {
        Http.Dispose();
        await _node!.StopAsync();
        await _node.DisposeAsync();
        await InitializeAsync();
    }

    /// <summary>A user that nothing is known of yet.</summary>
    public static long NewUser() => Interlocked.Increment(ref _lastUser);

    /// <summary>A user's token.</summary>
    public string TokenOf(long user) => Tokens.ForUser(user, TimeSpan.FromDays(1));

    /// <summary>Registers a business by the operator's call.</summary>
    public async Task<TestBusiness> NewBusinessAsync(int numbers = 1)
    {
        var body = new { name = "Corner Shop", country = "DE", accept_terms = true, numbers };
        var reply = await CallAsync("POST", "/v1/businesses", Operator, body);
        Assert.Equal(201, reply.Status);
        var ids = reply.Body.GetProperty("numbers").EnumerateArray().Select(n => Long(n.GetProperty("id"))).ToArray();
        return new(Long(reply.Body.GetProperty("id")), ids, reply.Body.GetProperty("token").GetString()!);
    }

    /// <summary>Creates a template and approves it; gives its id.</summary>
    public async Task<string> NewTemplateAsync(TestBusiness business, object template)
    {
        var created = await CallAsync("POST", $"/v24.0/{business.Id}/message_templates", business.Token, template);
        Assert.True(created.Status == 200, created.Body.ToString());
        var id = created.Body.GetProperty("id").GetString()!;
        var review = await CallAsync("POST", $"/v1/templates/{id}/review", Operator, new { decision = "approve" });
        Assert.True(review.Status == 200, review.Body.ToString());
        return id;
    }

    /// <summary>The business records the user's opt-in.</summary>
    public async Task OptInAsync(TestBusiness business, long user, params string[] categories)
    {
        var at = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var body = new { user = User(user), categories, source = "website", wording = "Yes, write to me.", at };
        var reply = await CallAsync("POST", $"/v1/businesses/{business.Id}/opt-ins", business.Token, body);
        Assert.True(reply.Status is 200 or 201, reply.Body.ToString());
    }

    /// <summary>The user writes to the business, which opens the window; gives the message's id.</summary>
    public async Task<string> WriteAsync(long user, TestBusiness business, string text = "hello")
    {
        var body = new { to = business.Number.ToString(CultureInfo.InvariantCulture), type = "text", text = new { body = text } };
        var reply = await CallAsync("POST", $"/v1/users/{User(user)}/messages", TokenOf(user), body);
        Assert.True(reply.Status == 201, reply.Body.ToString());
        return reply.Body.GetProperty("id").GetString()!;
    }

    /// <summary>A free-form text from the business.</summary>
    public Task<TestReply> SendTextAsync(TestBusiness business, long user, string text = "hi", params (string Name, string Value)[] headers) =>
        CallAsync("POST", $"/v24.0/{business.Number}/messages", business.Token, Text(user, text), headers);

    /// <summary>The body of a free-form text.</summary>
    public static object Text(long user, string text = "hi") =>
        new { messaging_product = "whatsapp", to = User(user), type = "text", text = new { body = text } };

    /// <summary>One call with a JSON body, or none.</summary>
    public Task<TestReply> CallAsync(string method, string path, string? token, object? body = null, params (string Name, string Value)[] headers) =>
        RawAsync(method, path, token, body is null ? null : JsonSerializer.SerializeToUtf8Bytes(body), "application/json", headers);

    /// <summary>One call with any body.</summary>
    public async Task<TestReply> RawAsync(
        string method, string path, string? token, byte[]? body, string? contentType = "application/json", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var type = response.Content.Headers.ContentType?.MediaType;
        var json = type is "application/json" or "application/problem+json" ? JsonDocument.Parse(text).RootElement : default;
        var all = response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(',', h.Value), StringComparer.OrdinalIgnoreCase);
        return new((int)response.StatusCode, json, text, type, all);
    }

    /// <summary>A wa_id as the outside writes it.</summary>
    public static string User(long user) => user.ToString(CultureInfo.InvariantCulture);

    /// <summary>Calls again and again until an answer is as it should be, for a minute at most.</summary>
    public static async Task<TestReply> UntilAsync(Func<Task<TestReply>> call, Predicate<TestReply> fact)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var reply = await call();
            if (fact(reply))
            {
                return reply;
            }

            Assert.False(limit.IsCancellationRequested, reply.Text);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        }
    }

    private static long Long(JsonElement text) => long.Parse(text.GetString()!, CultureInfo.InvariantCulture);
}

/// <summary>A registered business.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Numbers">Ids of its numbers.</param>
/// <param name="Token">A token with every scope.</param>
public sealed record TestBusiness(long Id, long[] Numbers, string Token)
{
    /// <summary>Id of its first number.</summary>
    public long Number => Numbers[0];
}

/// <summary>An answer.</summary>
/// <param name="Body">Its JSON; undefined where it is none.</param>
/// <param name="Text">Its body as text.</param>
public sealed record TestReply(int Status, JsonElement Body, string Text, string? ContentType, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The Graph envelope.</summary>
    public JsonElement Error => Body.GetProperty("error");

    /// <summary>The Graph code.</summary>
    public int Code => Error.GetProperty("code").GetInt32();

    /// <summary>What the Graph envelope says in words.</summary>
    public string Details => Error.GetProperty("error_data").GetProperty("details").GetString()!;
}
