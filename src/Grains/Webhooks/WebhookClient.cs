using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Actors.Ledger;
using Actors.Policy.Webhooks;

namespace Actors.Grains.Webhooks;

/// <summary>What a webhook's request says beside its body.</summary>
/// <param name="Uri">Where to.</param>
/// <param name="For">For whom.</param>
/// <param name="Delivery">The delivery's id.</param>
/// <param name="Sequence">Its number.</param>
/// <param name="Signatures">Signatures with all good secrets, the one that counts first.</param>
/// <param name="IsRedriven">Whether it was parked before.</param>
internal sealed record WebhookCall(Uri Uri, LookupAsker For, string Delivery, long Sequence, IReadOnlyList<string> Signatures, bool IsRedriven);

/// <summary>
/// The only way out to addresses that others give: nothing else of theirs is fetched. The address that was checked is the address that is dialled; no
/// redirect, no proxy, no cookie, no credentials, little time, and nothing of the answer is kept but its status. One per node.
/// </summary>
internal sealed class WebhookClient : IDisposable
{
    private const int ChallengeMax = 1_024, AnswerHeadersMaxKiB = 16, DrainMax = 4_096;

    private static readonly HttpRequestOptionsKey<LookupAsker> For = new("actors.for");

    private readonly WebhookSettings _settings;
    private readonly LedgerClock _clock;
    private readonly NameLookups _names;
    private readonly HttpClient _client;

    public WebhookClient(WebhookSettings settings, UserLedger ledger)
    {
        (_settings, _clock, _names) = (settings, ledger.Clock, new NameLookups(settings.Resolve));
#pragma warning disable CA2000 // The client ends it.
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectTimeout = settings.ConnectWithin,
            ConnectCallback = DialAsync,
            MaxConnectionsPerServer = settings.AtOnce,   // nobody waits in there: that would look as if it had been sent
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),   // a name may lead elsewhere by then
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            MaxResponseHeadersLength = AnswerHeadersMaxKiB,
            MaxResponseDrainSize = DrainMax,
            ResponseDrainTimeout = TimeSpan.FromSeconds(1),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
#pragma warning restore CA2000
    }

    /// <summary>Tries to deliver once.</summary>
    /// <exception cref="OperationCanceledException">It was told to stop: it isn't known whether it arrived.</exception>
    public async Task<AttemptResult> DeliverAsync(WebhookCall call, ReadOnlyMemory<byte> body, CancellationToken stopping)
    {
        using var request = Request(HttpMethod.Post, call.Uri, call.For);
        request.Content = new ReadOnlyMemoryContent(body);
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        request.Headers.TryAddWithoutValidation("X-Actors-Delivery", call.Delivery);
        request.Headers.TryAddWithoutValidation("X-Actors-Sequence", call.Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation("X-Hub-Signature-256", call.Signatures[0]);
        request.Headers.TryAddWithoutValidation("X-Actors-Signature-256", string.Join(", ", call.Signatures));
        if (call.IsRedriven)
        {
            request.Headers.TryAddWithoutValidation("X-Actors-Redriven", "true");
        }

        var (result, _) = await CallAsync(request, static (_, _) => Task.FromResult(true), stopping);
        return result;
    }

    /// <summary>Asks whether the receiver is who it is said to be, and wants this.</summary>
    /// <returns>How it ended, and whether it answered with the bare challenge.</returns>
    public async Task<(AttemptResult Result, bool IsVerified)> ChallengeAsync(
        long business, string callback, string verifyToken, CancellationToken stopping)
    {
        // Digits, below 2^53: there are receivers that read it as a number.
        var challenge = RandomNumberGenerator.GetString("123456789", 15);
        var uri = CallbackAddress.WithChallenge(callback, challenge, verifyToken);
        using var request = Request(HttpMethod.Get, uri, new LookupAsker(business, IsSuspect: true));   // nothing is known of it yet
        return await CallAsync(
            request,
            async (response, patience) =>
            {
                var answer = new byte[ChallengeMax];
                await using var stream = await response.Content.ReadAsStreamAsync(patience);
                var length = await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, patience);
                return Encoding.UTF8.GetString(answer.AsSpan(0, length)).Trim() == challenge;
            },
            stopping);
    }

    public void Dispose() => _client.Dispose();

    private static HttpRequestMessage Request(HttpMethod method, Uri uri, LookupAsker asker)
    {
        var request = new HttpRequestMessage(method, uri) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.TryAddWithoutValidation("User-Agent", "actors-webhooks/1");
        request.Options.Set(For, asker);
        return request;
    }

    private async Task<(AttemptResult Result, bool Read)> CallAsync(
        HttpRequestMessage request, Func<HttpResponseMessage, CancellationToken, Task<bool>> read, CancellationToken stopping)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(_settings.AnswerWithin);
        var outcome = AttemptOutcome.Dropped;
        var status = 0;
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            status = (int)response.StatusCode;
            outcome = status is >= 200 and <= 299 ? AttemptOutcome.Delivered : AttemptOutcome.Refused;
            return (Ended(), outcome == AttemptOutcome.Delivered && await read(response, patience.Token));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            outcome = status == 0 ? OutcomeOf(e, patience.IsCancellationRequested) : outcome;
            return (Ended(), false);
        }

        AttemptResult Ended() => new(outcome, status, _clock.Now);
    }

    private static AttemptOutcome OutcomeOf(Exception e, bool isTimeUp) => e switch
    {
        HttpRequestException { InnerException: ForbiddenAddressException } => AttemptOutcome.Forbidden,
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError
        } => AttemptOutcome.Unreachable,
        OperationCanceledException => isTimeUp ? AttemptOutcome.TimedOut : AttemptOutcome.Unreachable,   // the connection has less time
        _ => AttemptOutcome.Dropped,
    };

    /// <summary>Looks the name up, checks every address that it leads to, and dials those: what a second look-up would find doesn't matter.</summary>
    private async ValueTask<Stream> DialAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var since = TimeProvider.System.GetTimestamp();
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        context.InitialRequestMessage.Options.TryGetValue(For, out var asker);
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await _names.FindAsync(host, asker, cancellationToken);
        if (!AddressGuard.Allows(port) || Array.Exists(addresses, address => !AddressGuard.Allows(address, _settings.AllowPrivate)))
        {
            throw new ForbiddenAddressException();
        }

        SocketException? last = null;
        for (var tried = 0; tried < addresses.Length; tried++)
        {
            // An address that swallows everything leaves the others their part of the time.
            var left = _settings.ConnectWithin - TimeProvider.System.GetElapsedTime(since);
            using var share = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            share.CancelAfter((left > TimeSpan.Zero ? left : TimeSpan.Zero) / (addresses.Length - tried));
            var address = addresses[tried];
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), share.Token);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                last = e;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                socket.Dispose();
                last = new SocketException((int)SocketError.TimedOut);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }
}

/// <summary>A name leads to an address that may not be called.</summary>
internal sealed class ForbiddenAddressException() : IOException("the address may not be called");
