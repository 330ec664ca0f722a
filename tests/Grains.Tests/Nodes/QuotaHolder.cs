using System.Collections.Concurrent;
using System.Collections.Immutable;
using Actors.Contracts;

namespace Actors.Grains.Tests.Nodes;

/// <summary>A node's places: does what a node's Quotas does. Once disposed it gives nothing back, as a dead node does.</summary>
internal sealed class QuotaHolder : IQuotaHolder, IDisposable
{
    private readonly IGrainFactory _grains;
    private readonly ConcurrentDictionary<long, (int Left, long Epoch)> _pieces = [];

    public QuotaHolder(TestNode node)
    {
        _grains = node.Grains;
        Reference = _grains.CreateObjectReference<IQuotaHolder>(this);
    }

    public IQuotaHolder Reference { get; }

    /// <summary>Sends that it says have taken a place along.</summary>
    public int UnderWay { get; set; }

    /// <summary>Whether the pieces lent to it have arrived.</summary>
    public bool HasGot { get; set; } = true;

    /// <summary>Lets an answer to a recall go.</summary>
    public Func<QuotaRecall, Task<QuotaRecall>> Answer { get; set; } = Task.FromResult;

    public void Put(QuotaReply reply, long epoch)
    {
        if (reply.Outcome == QuotaOutcome.Lent)
        {
            _pieces[reply.Piece] = (reply.Count, epoch);
        }
    }

    public long? Take(long epoch)
    {
        lock (_pieces)
        {
            var (piece, (left, _)) = _pieces.FirstOrDefault(p => p.Value.Left > 0 && p.Value.Epoch == epoch);
            if (left > 0)
            {
                _pieces[piece] = (left - 1, epoch);
                return piece;
            }

            return null;
        }
    }

    public void PutBack(long piece, long epoch)
    {
        lock (_pieces)
        {
            _pieces[piece] = (_pieces[piece].Left + 1, epoch);
        }
    }

    public void Use(long piece, int count)
    {
        lock (_pieces)
        {
            _pieces[piece] = (_pieces[piece].Left - count, _pieces[piece].Epoch);
        }
    }

    public Task<QuotaRecall> RecallAsync(long business)
    {
        lock (_pieces)
        {
            ImmutableArray<QuotaReturn> back = [.. _pieces.Where(p => p.Value.Left > 0).Select(p => new QuotaReturn(p.Key, p.Value.Left))];
            foreach (var piece in back)
            {
                Use(piece.Piece, piece.Count);
            }

            return Answer(new QuotaRecall(back, UnderWay, HasGot ? _pieces.Keys.DefaultIfEmpty().Max() : 0));
        }
    }

    public void Dispose() => _grains.DeleteObjectReference<IQuotaHolder>(Reference);
}
