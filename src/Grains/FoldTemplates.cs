using Actors.Ledger;
using Actors.Policy.Users;

namespace Actors.Grains;

/// <summary>The names of templates, by which their grains are found: events know them by their ids.</summary>
/// <remarks>An id is never given again, and its name never changes.</remarks>
internal sealed class FoldTemplates(ILedgerStore store)
{
    private const int KnownMax = 100_000;

    // Null: no template has this id, and none will have it: a template is in the directory before anything can be sent with it.
    private readonly Dictionary<long, string?> _names = [];

    /// <summary>Id of the template whose quality an event concerns; 0 for none.</summary>
    public static long Concerned(in UserEvent happened) =>
        happened.Quality.CountsForTemplate ? happened.Template : happened.Quality.Signal is null ? 0 : happened.Quality.Charged;

    /// <summary>Its name, once its events were learnt; null when there is no such template.</summary>
    public string? NameOf(long template) => _names.GetValueOrDefault(template);

    /// <summary>Looks up the templates of these events that aren't known yet.</summary>
    /// <exception cref="LedgerUnavailableException">The storage is away.</exception>
    public async Task LearnAsync(IReadOnlyList<LedgerEvent> events, CancellationToken cancellationToken)
    {
        if (_names.Count > KnownMax)
        {
            _names.Clear();
        }

        foreach (var line in events)
        {
            if (Concerned(line.Event) is var id && id != 0 && !_names.ContainsKey(id))
            {
                var entry = await store.FindDirectoryAsync(id, cancellationToken);
                _names[id] = entry is { Kind: DirectoryKind.Template } ? entry.Name : null;
            }
        }
    }
}
