using Actors.Grains.Webhooks;
using Actors.Ledger;
using Actors.Policy.Users;

namespace Actors.Grains.Tests.Webhooks;

/// <summary>Events of people who were erased before their event was told.</summary>
public sealed class ErasedUpdateTests
{
    [Theory]
    [InlineData(EventKind.Accepted)]
    [InlineData(EventKind.Failed)]
    [InlineData(EventKind.Inbound)]
    [InlineData(EventKind.OptedOut)]
    [InlineData(EventKind.Stopped)]
    public void Of_somebody_who_was_erased_nothing_is_told(EventKind kind)
    {
        var happened = new UserEvent(kind, default, Business: 1, Message: 1);
        Assert.NotNull(WebhookUpdates.FieldOf(new LedgerEvent(1, 4_915_112_345_678, happened, null)));
        Assert.Null(WebhookUpdates.FieldOf(new LedgerEvent(1, -4_915_112_345_678, happened, null)));
    }
}
