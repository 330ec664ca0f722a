using System.Threading.Channels;

namespace Actors.Ledger.Tests;

/// <summary>A started ledger on SQLite whose round trips can be made to fail.</summary>
internal sealed class LedgerFixture : IAsyncDisposable
{
    private readonly TestDirectory _directory = new();

    private LedgerFixture(LedgerSettings settings, TimeProvider time)
    {
        Store = new FaultyStore(new SqliteLedgerStore(_directory.Path, time));
        Ledger = new UserLedger(Store, settings, time);
    }

    public FaultyStore Store { get; }

    public UserLedger Ledger { get; }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<LedgerFixture> StartAsync(LedgerSettings? settings = null, TimeProvider? time = null)
    {
        var fixture = new LedgerFixture(settings ?? new(), time ?? TimeProvider.System);
        await fixture.Ledger.StartAsync(Cancel);
        return fixture;
    }

    /// <summary>Commits the user's next message on what is stored.</summary>
    public async Task<CommitResult> SendAsync(long user)
    {
        var record = await Ledger.ReadUserAsync(user, Cancel);
        return await Ledger.CommitAsync(record, Given.Send(record.Version + 1));
    }

    /// <summary>Commits a user's first message.</summary>
    public Task<CommitResult> FirstAsync(long user) => Ledger.CommitAsync(UserRecord.None(user), Given.Send(1)).AsTask();

    /// <summary>All events, once there are so many.</summary>
    public async Task<EventPage> EventsAsync(int expected)
    {
        while (true)
        {
            var page = await Ledger.ReadEventsAsync(null, 0, 100_000, Cancel);
            if (page.Events.Count >= expected)
            {
                return page;
            }

            await Ledger.WaitForEventsAsync(page.Next, Cancel);
        }
    }

    /// <summary>Holds back each write until it is let go.</summary>
    public Gate HoldWrites()
    {
        var gate = new Gate();
        Store.OnWrite = async (batch, write) =>
        {
            await gate.PassAsync(batch);
            return await write(batch);
        };
        return gate;
    }

    public async ValueTask DisposeAsync()
    {
        await Ledger.DisposeAsync();
        _directory.Dispose();
    }
}

/// <summary>Stops batches until they are let through, one by one.</summary>
internal sealed class Gate
{
    private readonly Channel<bool> _open = Channel.CreateUnbounded<bool>();
    private readonly Channel<bool> _arrived = Channel.CreateUnbounded<bool>();

    public List<long[]> Batches { get; } = [];

    public async Task PassAsync(IReadOnlyList<EncodedCommit> batch)
    {
        Batches.Add([.. batch.Select(commit => commit.User)]);
        _arrived.Writer.TryWrite(true);
        await _open.Reader.ReadAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Ends once a further batch stands before the gate.</summary>
    public async Task ArrivedAsync() => await _arrived.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public void LetGo(int batches = 1)
    {
        for (var i = 0; i < batches; i++)
        {
            _open.Writer.TryWrite(true);
        }
    }
}
