using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Actors.Contracts;
using Actors.Policy;

namespace Actors.Api.Enrolments;

/// <summary>Hands codes to a gateway that sends text messages: one POST of JSON for each. Any answer of 200 to 299 means that it took it.</summary>
/// <remarks>The address is the operator's own. No redirect is followed, and nothing of the answer is read or logged.</remarks>
internal sealed partial class HttpChannel : IEnrolmentChannel, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http;
    private readonly EnrolmentSettings _settings;
    private readonly ILogger _logger;

    public HttpChannel(EnrolmentSettings settings, ILogger<HttpChannel> logger)
    {
        (_settings, _logger) = (settings, logger);
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
        {
            Timeout = Patience,
        };
    }

    public async Task SendAsync(long user, string code, Instant expiresAt, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["to"] = "+" + user.ToString(CultureInfo.InvariantCulture),
            ["code"] = code,
            ["text"] = $"Your code is {code}. Don't tell it to anybody.",
            ["expires_at"] = expiresAt.ToString(),
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, _settings.Url)
        {
            Content = new StringContent(body.ToJsonString(), MediaTypeHeaderValue.Parse("application/json")),
        };
        if (_settings.Token is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        try
        {
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (answer.IsSuccessStatusCode)
            {
                return;
            }

            LogRefused(_logger, (int)answer.StatusCode);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            LogAway(_logger, e.GetType().Name);
        }

        throw new OutageException(OutageKind.Unavailable, "the channel of one-time codes doesn't take them");
    }

    public void Dispose() => _http.Dispose();

    [LoggerMessage(EventId = 4402, Level = LogLevel.Warning, Message = "The gateway at Enrolment:Url answered {Status} to a code")]
    private static partial void LogRefused(ILogger logger, int status);

    [LoggerMessage(EventId = 4403, Level = LogLevel.Warning, Message = "The gateway at Enrolment:Url can't be reached: {Error}")]
    private static partial void LogAway(ILogger logger, string error);
}
