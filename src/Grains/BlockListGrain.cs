using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Ledger;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Actors.Grains;

/// <summary>What is stored of a block list. Its form is part of <see cref="GrainStateSerializer"/>'s version.</summary>
internal sealed record BlockListState : OutboxState
{
    /// <summary>Who is on it, ascending.</summary>
    public ImmutableArray<long> Users { get; init; } = [];
}

/// <summary>A business's own block list. Tells the ledger nothing: each user's record already has.</summary>
[GrainType("block-list")]
internal sealed class BlockListGrain : Grain, IBlockListGrain
{
    private readonly Outbox<BlockListState> _outbox;

    public BlockListGrain([FromKeyedServices(GrainsHosting.Storage)] IGrainStorage storage, UserLedger ledger) =>
        _outbox = new Outbox<BlockListState>("block-list", this.GetGrainId(), storage, ledger);

    public async Task<int> CountAsync() => (await _outbox.ReadAsync()).Users.Length;

    public async Task<ImmutableArray<long>> ListAsync(long after, int limit) =>
        [.. (await _outbox.ReadAsync()).Users.SkipWhile(user => user <= after).Take(limit)];

    public async Task NoteAsync(ImmutableArray<long> users, bool blocked)
    {
        var state = await _outbox.ReadAsync();
        var next = state.Users.ToImmutableSortedSet();
        next = blocked ? next.Union(users) : next.Except(users);
        if (next.Count != state.Users.Length)
        {
            await _outbox.WriteAsync(state with { Users = [.. next] });
        }
    }
}
