using System.Collections.Concurrent;
using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Policy;

namespace Actors.Api.Inbox;

/// <summary>
/// What templates say and said, for messages that are pushed: a template's grain is asked once, not for each message. The log's news say when to ask
/// again: a message that was accepted under a changed template comes after that in the log. Who is ahead of the news needs an answer that is newer than the
/// message.
/// </summary>
internal sealed class TemplateTexts(IGrainFactory grains)
{
    private const int Max = 16_384;

    /// <summary>By more than this no two nodes differ about the ledger's time.</summary>
    private static readonly TimeSpan Doubt = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<(long Business, string Name), Known> _known = new();

    /// <summary>All versions of a template that are kept.</summary>
    /// <param name="business">The business.</param>
    /// <param name="name">The template's name.</param>
    /// <param name="knownSince">The answer has to be newer than this instant; the default where any that stands will do.</param>
    /// <param name="now">The ledger's time, or a little before; the default where it isn't known.</param>
    public async ValueTask<ImmutableArray<TemplateVersion>> VersionsAsync(long business, string name, Instant knownSince, Instant now)
    {
        if (!_known.TryGetValue((business, name), out var known) || known.HasFailed || (knownSince != default && known.AskedAt <= knownSince + Doubt))
        {
            if (_known.Count >= Max)
            {
                _known.Clear();
            }

            // Asked once it stands here: whatever is forgotten meanwhile is asked for again.
            known = new Known(now, new(async () => await grains.GetGrain<ITemplateGrain>(business, name, null).VersionsAsync()));
            _known[(business, name)] = known;
        }

        return await known.Versions.Value;
    }

    /// <summary>A template of this business was changed.</summary>
    public void Forget(long business)
    {
        foreach (var key in _known.Keys.Where(key => key.Business == business))
        {
            _known.TryRemove(key, out _);
        }
    }

    /// <summary>Changes may have been missed.</summary>
    public void Clear() => _known.Clear();

    /// <param name="AskedAt">The ledger's time when it was asked for, or a little before.</param>
    /// <param name="Versions">The answer.</param>
    private sealed record Known(Instant AskedAt, Lazy<Task<ImmutableArray<TemplateVersion>>> Versions)
    {
        public bool HasFailed => Versions.IsValueCreated && Versions.Value is { IsFaulted: true } or { IsCanceled: true };
    }
}
