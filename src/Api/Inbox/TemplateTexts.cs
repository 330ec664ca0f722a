using System.Collections.Concurrent;
using System.Collections.Immutable;
using Actors.Contracts;

namespace Actors.Api.Inbox;

/// <summary>
/// What templates say and said, for messages that are pushed: a template's grain is asked once, not for each message. The log's news say when to ask
/// again: a message that was accepted under a changed template comes after that in the log.
/// </summary>
internal sealed class TemplateTexts(IGrainFactory grains)
{
    private const int Max = 16_384;

    private readonly ConcurrentDictionary<(long Business, string Name), Task<ImmutableArray<TemplateVersion>>> _known = new();

    /// <summary>All versions of a template that are kept.</summary>
    public async ValueTask<ImmutableArray<TemplateVersion>> VersionsAsync(long business, string name)
    {
        if (!_known.TryGetValue((business, name), out var task) || task.IsFaulted || task.IsCanceled)
        {
            if (_known.Count >= Max)
            {
                _known.Clear();
            }

            task = grains.GetGrain<ITemplateGrain>(business, name, null).VersionsAsync();
            _known[(business, name)] = task;
        }

        return await task;
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
}
