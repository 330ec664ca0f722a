using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy.Users;
using Orleans.Concurrency;

namespace Actors.Grains;

/// <summary>Reads of the ledger that belong to no single grain, on whatever node the caller is.</summary>
[GrainType("ledger")]
[StatelessWorker(64)]
internal sealed class LedgerGrain(UserLedger ledger, SharedKey key) : Grain, ILedgerGrain
{
    private ILedgerStore Store => ledger.Store;

    public Task<LedgerPage> EventsAsync(long? business, long after, int limit) => Outages.AsOutageAsync(async () =>
    {
        var page = await ledger.ReadEventsAsync(business, after, limit, CancellationToken.None);
        var told = await ledger.WithoutErasedAsync(page.Events, CancellationToken.None);
        return new LedgerPage([.. told.Select(ToLine)], page.Next, page.Earliest);
    });

    public Task<ImmutableArray<ConsentLine>> ConsentsAsync(long business, long after, int limit) => Outages.AsOutageAsync<ImmutableArray<ConsentLine>>(
        async () => [.. (await Store.ReadBusinessConsentsAsync(business, after, limit, CancellationToken.None)).Select(ToLine)]);

    public Task<ImmutableArray<AuditLine>> AuditAsync(long after, int limit) => Outages.AsOutageAsync<ImmutableArray<AuditLine>>(
        async () => [.. (await Store.ReadAuditAsync(after, limit, CancellationToken.None)).Select(ToLine)]);

    public Task<ImmutableArray<DirectoryLine>> BusinessesAsync(string? search, long after, int limit) =>
        DirectoryAsync(new DirectoryQuery(DirectoryKind.Business, null, null, null, search, after, limit));

    public Task<ImmutableArray<DirectoryLine>> TemplatesAsync(long? business, string? status, string? name, long after, int limit) =>
        DirectoryAsync(new DirectoryQuery(DirectoryKind.Template, business, status, name, null, after, limit));

    public Task<ImmutableArray<DirectoryLine>> AppealsAsync(string? status, long after, int limit) =>
        DirectoryAsync(new DirectoryQuery(DirectoryKind.Appeal, null, status, null, null, after, limit));

    public Task<DirectoryLine?> TemplateAsync(long id) => Outages.AsOutageAsync(async () =>
        await Store.FindDirectoryAsync(id, CancellationToken.None) is { Kind: DirectoryKind.Template } entry ? ToLine(entry) : null);

    public Task<AnalyticsView> AnalyticsAsync(AnalyticsAsk ask) => Outages.AsOutageAsync(() => ledger.ReadAnalyticsAsync(ask, CancellationToken.None));

    public Task RefusedAsync(Guid run, long number, ImmutableArray<RefusalCount> refusals) => Outages.AsOutageAsync(async () =>
    {
        await ledger.AddRefusalsAsync(run, number, refusals, CancellationToken.None);
        return true;
    });

    public Task<ImmutableArray<StoredMessage>> UserMessagesAsync(long user, long after, int limit) => Outages.AsOutageAsync<ImmutableArray<StoredMessage>>(
        async () => [.. await Store.ReadHistoryAsync(user, after, limit, undelivered: false, CancellationToken.None)]);

    public Task<ImmutableArray<ConsentProof>> UserConsentsAsync(long user) => Outages.AsOutageAsync<ImmutableArray<ConsentProof>>(
        async () => [.. (await Store.ReadConsentsAsync(user, CancellationToken.None)).Select(c => new ConsentProof(c.Entry, [.. c.Hash.Span]))]);

    public Task<ImmutableArray<EventLine>> UserEventsAsync(long user, long after, int limit) => Outages.AsOutageAsync<ImmutableArray<EventLine>>(
        async () => [.. (await Store.ReadUserEventsAsync(user, after, limit, CancellationToken.None)).Select(ToLine)]);

    public Task<PastView?> PastAsync(long user, long business) => Outages.AsOutageAsync(async () =>
        await ledger.ReadPastAsync(user, business, CancellationToken.None) is { } past
            ? new PastView(past.At, past.Messages, past.Taken, past.KnownAt) : null);

    public Task<ImmutableArray<byte>> SecretAsync(string name) => Outages.AsOutageAsync<ImmutableArray<byte>>(
        async () => [.. await Store.ReadSecretAsync(name, 32, CancellationToken.None)]);

    public Task<bool> SharesKeyAsync(ImmutableArray<byte> mark) => Outages.AsOutageAsync(() => key.IsSharedAsync([.. mark], CancellationToken.None));

    public Task<LedgerTime> TimeAsync() => Task.FromResult(new LedgerTime(ledger.Clock.Now, ledger.Clock.IsTrusted));

    private Task<ImmutableArray<DirectoryLine>> DirectoryAsync(DirectoryQuery query) => Outages.AsOutageAsync<ImmutableArray<DirectoryLine>>(
        async () => [.. (await Store.ReadDirectoryAsync(query, CancellationToken.None)).Select(ToLine)]);

    private static EventLine ToLine(LedgerEvent line) => new(line.Seq, line.User, line.Event, line.Text);

    private static ConsentLine ToLine(StoredConsent consent) => new(consent.Seq, consent.User, consent.Entry);

    private static AuditLine ToLine(StoredAudit audit)
    {
        var entry = audit.Entry;
        return new AuditLine(audit.Seq, entry.At, entry.Actor, entry.Action, entry.Business, entry.Target, entry.Note);
    }

    private static DirectoryLine ToLine(DirectoryEntry entry) => new(entry.Id, entry.Business, entry.Name, entry.Language, entry.Status, entry.At);
}
