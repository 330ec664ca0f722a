using Actors.Contracts;

namespace Actors.Api.Sends;

/// <summary>How taking a place of a share ended.</summary>
internal enum RateTaken
{
    /// <summary>Taken.</summary>
    Yes,

    /// <summary>The share has made all its decisions of this second.</summary>
    Full,

    /// <summary>The share is not of this epoch, or was lent of a throughput that has fallen since: whoever lends has to be asked.</summary>
    Unbound,

    /// <summary>The share was swept away; there is another one, or none.</summary>
    Gone,
}

/// <summary>Tries one decision by another throughput than the one that holds; what comes of it changes nothing.</summary>
/// <param name="perSecond">The number's throughput that is tried, in decisions a second; 1 or more.</param>
internal sealed class RateTrial(int perSecond)
{
    /// <summary>The throughput that is tried.</summary>
    public int PerSecond => perSecond;

    /// <summary>Whether there would have been room.</summary>
    public bool IsPassed { get; set; }
}

/// <summary>
/// This node's share of one number's throughput: at most so many decisions in any sliding second, exactly. It remembers when each of the last second was made.
/// </summary>
/// <remarks>
/// What it holds is never less than what it has decided within the last second: a share that is cut down is given back only as that second passes. All
/// times are timestamps of this process's monotonic clock; nothing here depends on another node's clock.
/// </remarks>
/// <param name="number">The number.</param>
/// <param name="second">A second, in ticks of the timestamps.</param>
internal sealed class RateShare(long number, long second)
{
    private readonly LastSecond _made = new(second);
    private LastSecond? _tried;         // what a throughput that is tried would have let through; null while none is
    private bool _retired;

    private long? _epoch;               // null while nothing was ever lent; epochs count from 0
    private int _level;
    private int _held;
    private int _limit;                 // at most _held: what it may use
    private int _wanted;
    private long? _fullAt;
    private long? _askedAt;
    private long? _vainAt;

    /// <summary>An ask that is under way; its owner looks after it.</summary>
    public Task<RateOutcome>? Asking { get; set; }

    /// <summary>Takes one place of the second that ends now.</summary>
    /// <param name="epoch">The epoch of the lease that the send is admitted under.</param>
    /// <param name="now">Now.</param>
    /// <param name="wait">Where it is full: ticks until it has room, without a larger share; at least 1.</param>
    /// <param name="level">The number's throughput as the policy has it now: it may have fallen since the share was lent.</param>
    /// <param name="trial">Tried at the same instant, once however often this is asked for the same decision; null for nothing to try.</param>
    public RateTaken Take(long epoch, long now, out long wait, int level = int.MaxValue, RateTrial? trial = null)
    {
        lock (this)
        {
            wait = 0;
            if (_retired)
            {
                return RateTaken.Gone;
            }

            if (epoch != _epoch)
            {
                return RateTaken.Unbound;
            }

            // The policy's number has fallen, and no epoch has moved for it: what all nodes hold together may be too much now.
            if (level < _level && IsAskDue(now, second / 10))
            {
                return RateTaken.Unbound;
            }

            _made.Forget(now);
            var limit = Math.Min(_limit, level);
            if (trial is not null)
            {
                Try(trial, limit, level, now);
            }
            else
            {
                _tried = null;
            }

            if (_made.Count < limit)
            {
                _made.Push(now);
                return RateTaken.Yes;
            }

            _fullAt = now;
            wait = limit == 0 ? second : _made.At(_made.Count - limit) + second - now;
            return RateTaken.Full;
        }
    }

    /// <summary>Whether it makes sense to ask for more: some of the throughput is elsewhere, and the last ask in vain is a moment ago.</summary>
    public bool MayAsk(int level, long now, long gap)
    {
        lock (this)
        {
            return _limit < level && IsAskDue(now, gap);
        }
    }

    /// <summary>An ask has brought nothing.</summary>
    public void AskedInVain(long now)
    {
        lock (this)
        {
            _vainAt = now;
        }
    }

    /// <summary>Whether there is a share under this epoch.</summary>
    public bool IsBound(long epoch)
    {
        lock (this)
        {
            return epoch == _epoch;
        }
    }

    /// <summary>What to ask for. Gives back, by saying less, what it was told to give up and what is free by now.</summary>
    /// <param name="epoch">The epoch of the lease.</param>
    /// <param name="holder">This process.</param>
    /// <param name="ordinal">Above that of every ask before.</param>
    /// <param name="level">The number's throughput.</param>
    /// <param name="now">Now.</param>
    public RateAsk Ask(long epoch, Guid holder, long ordinal, int level, long now)
    {
        lock (this)
        {
            _made.Forget(now);
            _held = Kept();
            _wanted = _askedAt is { } askedAt && now - askedAt < second ? Math.Min(_wanted * 2, level) : Math.Max(1, level / 16);
            _askedAt = now;
            var isNew = epoch != _epoch;
            var before = isNew && _held > 0 && _epoch is { } old ? new RateBefore(old, _held, _level) : null;
            return new RateAsk(epoch, number, holder, ordinal, isNew ? 0 : _held, _wanted, before);
        }
    }

    /// <summary>Takes what is lent.</summary>
    /// <param name="epoch">The epoch that was asked under.</param>
    /// <param name="reply">The answer to the newest ask.</param>
    public void Put(long epoch, RateReply reply)
    {
        lock (this)
        {
            if (epoch != _epoch)
            {
                (_epoch, _held, _limit) = (epoch, 0, 0);
            }

            _held += reply.Granted;
            _limit += reply.Granted;
            _level = reply.Level;
        }
    }

    /// <summary>
    /// Gives back: half of what it doesn't use, or as much as is wanted; where it is short itself, what is wanted of what is above its fair part. What can't be
    /// given now, it stops using, and gives when it is asked again or asks itself.
    /// </summary>
    public int GiveBack(RateRecall recall, long now)
    {
        lock (this)
        {
            if (recall.Epoch != _epoch)
            {
                return 0;
            }

            _made.Forget(now);
            var idle = Math.Max(0, _limit - _made.Count);
            _limit = _fullAt is { } fullAt && now - fullAt < second
                ? Math.Min(_limit, Math.Max(recall.Fair, _limit - recall.Wanted))
                : _limit - Math.Max((idle + 1) / 2, Math.Min(idle, recall.Wanted));
            var kept = Kept();
            var back = _held - kept;
            _held = kept;
            return back;
        }
    }

    /// <summary>Ends it where it has decided nothing for a second and no ask is under way: it never decides again.</summary>
    public bool Retire(long now)
    {
        lock (this)
        {
            _made.Forget(now);
            return _retired |= _made.Count == 0 && Asking is not { IsCompleted: false };
        }
    }

    /// <summary>
    /// Tries by this node's part of what is tried: as large a part as its share is of what holds. It begins with what was really decided in the last second.
    /// </summary>
    private void Try(RateTrial trial, int limit, int level, long now)
    {
        _tried ??= _made.Copy();
        _tried.Forget(now);
        if (!trial.IsPassed && _tried.Count < (((long)trial.PerSecond * limit) + level - 1) / level)
        {
            _tried.Push(now);
            trial.IsPassed = true;
        }
    }

    private bool IsAskDue(long now, long gap) => _vainAt is not { } vainAt || now - vainAt >= gap;

    /// <summary>What can't be given back now. Where the throughput has fallen, that can be more than is held: then all that is held.</summary>
    private int Kept() => Math.Min(_held, Math.Max(_limit, _made.Count));
}
