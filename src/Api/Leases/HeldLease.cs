using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Policy;

namespace Actors.Api.Leases;

/// <summary>One lease of one business, with the templates looked up under it. A new one starts with none, a renewed one with those of the old one.</summary>
internal sealed class HeldLease(BusinessLease lease, IGrainFactory grains, DeadNodes deadNodes, TimeProvider time, long obtainedAt)
{
    private const int NamesMax = 8_192, NamesTakenOver = 100;
    private readonly long _receivedAt = time.GetTimestamp();
    private readonly ConcurrentDictionary<string, Task<ImmutableArray<TemplateView>>> _templates = new(StringComparer.Ordinal);

    /// <summary>The fence's epoch: sends carry it, and a commit under a moved one fails.</summary>
    public long Epoch => lease.Epoch;

    /// <summary>The version of the policy that it was seen by; null where that isn't known.</summary>
    public uint? Policy => lease.Policy;

    /// <summary>The business as it was.</summary>
    public BusinessView Business => lease.Business;

    /// <summary>
    /// The ledger's time, counted on from the lease by the node's own monotonic clock: behind it by at most what the lease took to come here. So a
    /// restriction ends no sooner than it should.
    /// </summary>
    public Instant Now => lease.Now + time.GetElapsedTime(_receivedAt);

    /// <summary>When the node asked for it, in timestamps of the node's time provider.</summary>
    public long ObtainedAt => obtainedAt;

    /// <summary>Names of templates that were looked up and exist; a hundred at most.</summary>
    public IReadOnlyList<string> Names =>
    [
        .. _templates.Where(named => named.Value is { IsCompletedSuccessfully: true, Result.IsEmpty: false }).Select(named => named.Key).Take(NamesTakenOver),
    ];

    /// <summary>Looks templates up before a send names them.</summary>
    public Task LookUpAsync(IReadOnlyList<string> names) => Task.WhenAll(names.Select(name => TemplatesAsync(name).AsTask()));

    /// <summary>All languages of a template; empty when there is none.</summary>
    public async ValueTask<ImmutableArray<TemplateView>> TemplatesAsync(string name)
    {
        if (!TemplateNames.IsOne(name))
        {
            return [];   // no template can be called so, and no grain either
        }

        if (!_templates.TryGetValue(name, out var task) || task.IsFaulted || task.IsCanceled)
        {
            if (_templates.Count >= NamesMax)
            {
                _templates.Clear();   // names that exist are far fewer: somebody asks for names that don't
            }

            task = deadNodes.IdempotentAsync(() => grains.GetGrain<ITemplateGrain>(Business.Id, name, null).GetAsync());
            _templates[name] = task;
        }

        return await task;
    }

    /// <summary>One language of a template; null when there is none.</summary>
    public async ValueTask<TemplateView?> TemplateAsync(string name, string language)
    {
        foreach (var template in await TemplatesAsync(name))
        {
            if (string.Equals(template.Content.Language, language, StringComparison.OrdinalIgnoreCase))
            {
                return template;
            }
        }

        return null;
    }

    /// <summary>Whether a number is the business's; gives the number itself.</summary>
    public bool TryGetNumber(long id, out BusinessNumber number)
    {
        foreach (var own in Business.Registration.Numbers)
        {
            if (own.Id == id)
            {
                number = own;
                return true;
            }
        }

        number = default;
        return false;
    }
}

/// <summary>Names of templates.</summary>
internal static class TemplateNames
{
    private static readonly SearchValues<char> Characters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_");

    /// <summary>Whether a template may be called so: 1 to 512 characters out of a-z, 0-9 and underscore.</summary>
    public static bool IsOne(ReadOnlySpan<char> name) => name.Length is >= 1 and <= 512 && !name.ContainsAnyExcept(Characters);
}
