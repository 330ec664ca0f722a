namespace Actors.Grains.Webhooks;

/// <summary>Updates on their way to be sent, for whoever takes them first; who has to wait drops them and reads them again.</summary>
/// <param name="updates">The updates; null where they are to be read.</param>
internal sealed class HeldUpdates(IReadOnlyList<WebhookUpdate>? updates)
{
    private IReadOnlyList<WebhookUpdate>? _updates = updates;

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _updates is null;

    /// <summary>Gives them away: nothing of them is held here any more.</summary>
    public IReadOnlyList<WebhookUpdate>? Take() => Interlocked.Exchange(ref _updates, null);
}
