using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Actors.Bench.Load;

namespace Actors.Bench.Scenarios;

/// <summary>An answer; status 0 where none came.</summary>
/// <param name="RetryAfter">Seconds; 0 where it says nothing of it.</param>
internal readonly record struct Reply(int Status, string Body, int RetryAfter)
{
    /// <summary>Whether it says for good what became of the call.</summary>
    public bool IsFinal => Status is > 0 and not 429 and < 500;

    /// <summary>Whether the call may have been done although nobody says so: no answer, or a server's error that doesn't say that nothing was done.</summary>
    public bool IsOpen => Status == 0 || (Status >= 500 && !Body.Contains("Nothing was done", StringComparison.Ordinal));

    public Outcome Outcome => Status is >= 200 and < 300 ? Outcome.Done : IsFinal ? Outcome.Refused : Outcome.Unknown;

    public JsonNode Json => JsonNode.Parse(Body) ?? throw new InvalidDataException("The body is null.");

    /// <summary>The Cloud API's code or, under /v1, the HTTP status.</summary>
    public int Code()
    {
        const string Mark = "\"code\":";
        var at = Body.IndexOf(Mark, StringComparison.Ordinal);
        var digits = at < 0 ? "" : Body.AsSpan(at + Mark.Length).TrimStart(' ');
        var length = digits.IndexOfAnyExceptInRange('0', '9');
        return length > 0 ? int.Parse(digits[..length], CultureInfo.InvariantCulture) : Status;
    }
}

/// <summary>The platform over HTTP: nothing here knows what is behind the address.</summary>
internal sealed class Platform : IDisposable
{
    private readonly HttpClient _http;
    private readonly Identity _identity;
    private readonly TimeSpan _patience;
    private readonly ConcurrentDictionary<long, string> _userTokens = new();

    /// <param name="attempt">How long one attempt may take.</param>
    /// <param name="patience">How long a call is repeated until it is answered for good.</param>
    public Platform(Uri url, Identity identity, int connections, TimeSpan attempt, TimeSpan patience)
    {
        var handler = new SocketsHttpHandler { MaxConnectionsPerServer = connections, UseProxy = false, PooledConnectionLifetime = TimeSpan.FromSeconds(30) };
        _http = new HttpClient(handler) { BaseAddress = url, Timeout = attempt };
        (_identity, _patience) = (identity, patience);
    }

    public string OperatorToken => _identity.OperatorToken;

    /// <summary>Whether it can speak for users.</summary>
    public bool HasUsers => _identity.SigningKey is not null;

    /// <summary>A user's own token.</summary>
    public string UserToken(long user) => _userTokens.GetOrAdd(user, static (user, identity) => identity.UserToken(user), _identity);

    /// <summary>Makes a call and repeats it until it is answered for good or the patience is over; notes in <paramref name="call"/> how it went.</summary>
    /// <param name="call">Its times are the caller's: <see cref="Call.Began"/> and <see cref="Call.Ended"/> stay as they are.</param>
    public async Task<Reply> CallAsync(Call call, HttpMethod method, string path, string token, string? body, string? key = null)
    {
        var since = TimeProvider.System.GetTimestamp();
        var pause = TimeSpan.FromMilliseconds(50);
        while (true)
        {
            var reply = await TryAsync(method, path, token, body, key);
            call.IsOpen |= reply.IsOpen;
            if (reply.IsFinal || TimeProvider.System.GetElapsedTime(since) > _patience)
            {
                call.Outcome = reply.IsFinal || call.IsOpen ? reply.Outcome : Outcome.Busy;
                call.Code = call.Outcome == Outcome.Done ? 0 : reply.Code();
                return reply;
            }

            call.Repeats++;
            await Task.Delay(reply.RetryAfter > 0 ? TimeSpan.FromSeconds(Math.Min(reply.RetryAfter, 2)) : pause, TimeProvider.System);
            pause = TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, TimeSpan.TicksPerSecond));
        }
    }

    /// <summary>A call that has to succeed, by whom the run itself is: set-up and reading. Repeated while that may help.</summary>
    /// <exception cref="InvalidOperationException">It was refused, or not answered in time.</exception>
    public async Task<Reply> OkAsync(HttpMethod method, string path, string token, string? body = null, string contentType = "application/json")
    {
        var since = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var reply = await TryAsync(method, path, token, body, key: null, contentType);
            if (reply.Outcome == Outcome.Done)
            {
                return reply;
            }

            if (reply.IsFinal || TimeProvider.System.GetElapsedTime(since) > _patience)
            {
                throw new InvalidOperationException($"{method} {path} gave {reply.Status}: {reply.Body}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<Reply> TryAsync(HttpMethod method, string path, string token, string? body, string? key, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, contentType);
        }

        try
        {
            using var answer = await _http.SendAsync(request);
            var retryAfter = (int?)answer.Headers.RetryAfter?.Delta?.TotalSeconds ?? 0;
            return new((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(), retryAfter);
        }
        catch (Exception broken) when (broken is HttpRequestException or OperationCanceledException or IOException)
        {
            return new(0, broken.Message, 0);
        }
    }
}

/// <summary>Whom the run speaks for.</summary>
/// <param name="OperatorToken">An operator's token.</param>
/// <param name="SigningKey">The key of the platform's tokens, to speak for users; null where the run has none.</param>
internal sealed record Identity(string OperatorToken, string? SigningKey)
{
    /// <summary>Makes the tokens with the platform's key.</summary>
    public static Identity WithKey(string key) => new(Token("operator", "load-test", key), key);

    public string UserToken(long user) => SigningKey is { } key
        ? Token("user", user.ToString(CultureInfo.InvariantCulture), key)
        : throw new InvalidOperationException("Users' tokens need the signing key.");

    private static string Token(string role, string subject, string key)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return Jwt.Sign(
            new JsonObject
            {
                ["iss"] = "actors",
                ["aud"] = "actors",
                ["iat"] = now,
                ["exp"] = now + (24 * 3_600),
                ["sub"] = subject,
                ["role"] = role,
            },
            key);
    }
}
