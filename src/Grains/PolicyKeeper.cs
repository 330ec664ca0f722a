using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;
using Microsoft.Extensions.Logging;

namespace Actors.Grains;

/// <summary>
/// Keeps the node's <see cref="PolicyBook"/> at the ledger's newest version: read before the first grain, and again every second, so that a node that commits
/// nothing hears of a change, too.
/// </summary>
internal sealed partial class PolicyKeeper : IDisposable
{
    private const string Platform = "platform";
    private const int StartTries = 8;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly UserLedger _ledger;
    private readonly ConfiguredPolicy _configured;
    private readonly TimeSpan _retention;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private Task _following = Task.CompletedTask;
    private StoredShadow? _shadow;
    private uint _shadowUnder;
    private volatile ShadowInForce? _inForce;

    public PolicyKeeper(UserLedger ledger, ConfiguredPolicy configured, GrainsSettings settings, ILogger<PolicyKeeper> logger)
    {
        (_ledger, _configured, _retention, _logger) = (ledger, configured, settings.Ledger.Retention, logger);
        Book = new PolicyBook(() => Outages.AsOutageAsync(async () => Of(await ReadAsync())));
    }

    public PolicyBook Book { get; }

    /// <summary>What is tried here; null for nothing.</summary>
    public ShadowInForce? Shadow => _inForce;

    /// <summary>Takes the ledger's numbers; gives it this node's where it has none, or where this node is told to.</summary>
    /// <exception cref="MismatchException">This node is configured otherwise.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var configured = PolicyText.Write(_configured.Numbers);
        for (var tries = 0; tries < StartTries; tries++)
        {
            var newest = await _ledger.Store.ReadPolicyAsync(cancellationToken);
            if (newest?.Configured == configured)
            {
                Book.Take(Of(newest));
                await FollowOnceAsync(cancellationToken);
                var stopping = _stopping.Token;
                _following = Task.Run(() => Rounds.RepeatAsync(Period, Period, FollowOnceAsync, NotRead, stopping), CancellationToken.None);
                return;
            }

            if (newest is not null && !_configured.Adopt)
            {
                var differ = PolicyText.Changes(PolicyText.Read(newest.Configured), PolicyText.Read(configured));
                throw new MismatchException(
                    "the section Policy of its configuration differs from that of the platform's database in "
                    + $"{string.Join(", ", differ.Select(change => $"{change.Key} ({string.Join(", ", change.From)} there)"))}. "
                    + "Write the same numbers, or make this node's the policy of all with --Policy:Adopt true.");
            }

            await AddAsync(newest, configured, cancellationToken);   // another node may have been faster: look again
        }

        throw new LedgerUnavailableException("The policy changes faster than this node can adopt its own.");
    }

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _following;
    }

    /// <summary>The numbers of a stored version, on this node's ledger.</summary>
    public PolicyNumbers Of(StoredPolicy policy) => PolicyText.Numbers(policy).Bound(_retention);

    public async Task<StoredPolicy> ReadAsync(CancellationToken cancellationToken = default) =>
        await _ledger.Store.ReadPolicyAsync(cancellationToken) ?? throw new LedgerUnavailableException("The ledger has lost the policy.");

    public void Dispose()
    {
        _stopping.Cancel();   // a node that was killed was never stopped
        _stopping.Dispose();
    }

    private Task<bool> AddAsync(StoredPolicy? newest, string configured, CancellationToken cancellationToken)
    {
        var (version, reason) = newest is null ? (0, "as configured") : (newest.Version + 1, "adopted from a node's configuration");
        var now = _ledger.Clock.Now;
        return _ledger.Store.AppendPolicyAsync(
            new StoredPolicy(version, now, Platform, reason, null, configured, configured),
            new AuditEntry(now, Platform, "policy_adopted", 0, Target(version), reason),
            cancellationToken);
    }

    /// <summary>How the audit names a version.</summary>
    public static string Target(uint version) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"policy {version}");

    private async Task FollowOnceAsync(CancellationToken cancellationToken)
    {
        Book.Take(Of(await ReadAsync(cancellationToken)));
        await FollowShadowAsync(cancellationToken);
    }

    // No send is accepted by an old version meanwhile.
    private void NotRead(Exception exception) => LogNotRead(_logger, exception);

    /// <summary>What is tried is what holds, but for the shadow's own numbers: so it moves with the policy.</summary>
    private async Task FollowShadowAsync(CancellationToken cancellationToken)
    {
        var (stored, under) = (await _ledger.Store.ReadShadowAsync(cancellationToken), Book.Current);
        if (stored == _shadow && under.Version == _shadowUnder)
        {
            return;
        }

        (_shadow, _shadowUnder) = (stored, under.Version);
        try
        {
            var shadow = stored is null or { Values: "" }
                ? null
                : new ShadowInForce(stored.At, [.. PolicyText.Read(stored.Values).Select(value => new PolicyValue(value.Key, value.Value))]);
            Book.Shadow = ShadowPolicy.Follow(Book.Shadow, shadow, under);
            _inForce = shadow;
        }
#pragma warning disable CA1031 // Numbers of a newer build, perhaps: nothing hangs on them, least of all a node's start.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Book.Shadow = null;
            _inForce = null;
            LogNoShadow(_logger, exception);
        }
    }

    [LoggerMessage(EventId = 2141, Level = LogLevel.Warning, Message = "The policy can't be read now")]
    private static partial void LogNotRead(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 2142, Level = LogLevel.Warning, Message = "This node doesn't understand the shadow policy, and tries none")]
    private static partial void LogNoShadow(ILogger logger, Exception exception);
}
