using Actors.Policy.Sends;
using Actors.Policy.Users;

namespace Actors.Policy.Tests.Model;

/// <summary>What holds of every change, whatever made it.</summary>
internal static class Sanity
{
    public static void Check(UserState before, Change change, Instant now)
    {
        var next = change.Next;
        Assert.Equal(now, next.LastAt);
        Assert.True(next.LastAt >= before.LastAt);
        Assert.NotEmpty(change.Events);
        Assert.All(change.Events, happened => Assert.Equal(now, happened.At));

        Assert.Equal(before.Messages + (change.Message is null ? 0 : 1), next.Messages);
        if (change.Message is { } message)
        {
            Assert.Equal((next.Messages, now), (message.Number, message.At));
            Assert.True(message.Explanation.Length <= AcceptanceExplanation.BytesMax);
        }

        Assert.Equal(before.ConsentEntries + change.Consents.Length, next.ConsentEntries);
        Assert.Equal(Enumerable.Range((int)before.ConsentEntries + 1, change.Consents.Length), change.Consents.Select(entry => (int)entry.Number));
        Assert.All(change.Consents, entry => Assert.True(entry.Categories != Categories.None && entry.RecordedAt == now && entry.At <= now));

        Assert.Equal(next.Relations.Select(relation => relation.Business).Distinct().Order(), next.Relations.Select(relation => relation.Business));
        Assert.All(next.Relations, relation => Assert.False(relation.HoldsNothing(now)));
        Assert.All(next.Relations, relation => Assert.True(relation.Undelivered >= 0));

        Assert.True(next.Receipts.Length <= UserState.ReceiptsMax);
        Assert.Equal(next.Receipts.OrderBy(receipt => receipt.At).ThenBy(receipt => receipt.Message), next.Receipts);
        Assert.All(next.Receipts, receipt => Assert.True(receipt.At <= now && now - receipt.At < TimeSpan.FromDays(7)));

        Assert.True(next.OpenOutcomes.Length <= UserState.OpenOutcomesMax);
        Assert.Equal(next.OpenOutcomes.OrderBy(open => open.DeliveredAt), next.OpenOutcomes);
        Assert.True(next.Outcomes.Count <= Outcomes.Max && next.Outcomes.Read >> next.Outcomes.Count == 0);

        Assert.True(next.Keys.Length <= UserState.KeysMax);
        Assert.Equal(next.Keys.OrderBy(key => key.At).ThenBy(key => key.Message), next.Keys);
        Assert.True(next.Devices.Length <= UserState.DevicesMax);
    }
}
