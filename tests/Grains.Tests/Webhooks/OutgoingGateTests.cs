using Actors.Grains.Webhooks;

namespace Actors.Grains.Tests.Webhooks;

public sealed class OutgoingGateTests
{
    private readonly OutgoingGate _gate = new(new WebhookSettings { AtOnce = 4, AtOncePerBusiness = 2, AtOnceSuspect = 1 });

    [Fact]
    public async Task A_business_takes_its_part_and_no_more_while_others_go_on()
    {
        Assert.True(_gate.TryEnter(1, false));
        Assert.True(_gate.TryEnter(1, false));
        Assert.False(_gate.TryEnter(1, false));
        var waits = _gate.EnterAsync(1, false, CancellationToken.None);
        Assert.True(_gate.TryEnter(2, false));
        Assert.False(waits.IsCompleted);
        _gate.Leave(1, false);
        await waits;
        Assert.Equal(3, _gate.UnderWay);
    }

    [Fact]
    public void Who_failed_before_takes_little()
    {
        Assert.True(_gate.TryEnter(1, true));
        Assert.False(_gate.TryEnter(2, true));
        Assert.True(_gate.TryEnter(2, false));
    }

    [Fact]
    public async Task Who_takes_long_has_half_of_what_its_business_has_and_its_neighbours_the_rest()
    {
        var gate = new OutgoingGate(new WebhookSettings { AtOnce = 16, AtOncePerBusiness = 5, AtOnceSuspect = 16 });
        Assert.True(gate.TryEnter(1, true));
        Assert.True(gate.TryEnter(1, true));
        Assert.False(gate.TryEnter(1, true));
        var waits = gate.EnterAsync(1, true, CancellationToken.None);
        Assert.True(gate.TryEnter(2, true));
        for (var place = 0; place < 3; place++)
        {
            await gate.EnterAsync(1, false, CancellationToken.None);   // not behind the one that waits
        }

        Assert.False(gate.TryEnter(1, false));
        gate.Leave(1, false);
        Assert.False(waits.IsCompleted);
        gate.Leave(1, true);
        await waits;
    }

    [Fact]
    public void Where_a_business_has_one_place_who_takes_long_has_it_too()
    {
        var gate = new OutgoingGate(new WebhookSettings { AtOncePerBusiness = 1 });
        Assert.True(gate.TryEnter(1, true));
        Assert.False(gate.TryEnter(1, true));
        Assert.False(gate.TryEnter(1, false));
    }

    [Fact]
    public async Task Who_waited_longest_comes_first()
    {
        foreach (var business in new[] { 1, 2, 3, 4 })
        {
            await _gate.EnterAsync(business, false, CancellationToken.None);
        }

        var (first, second) = (_gate.EnterAsync(5, false, CancellationToken.None), _gate.EnterAsync(6, false, CancellationToken.None));
        _gate.Leave(3, false);
        await first;
        Assert.False(second.IsCompleted);
        _gate.Leave(5, false);
        await second;
    }

    [Fact]
    public async Task Who_gives_up_leaves_nothing_behind()
    {
        Assert.True(_gate.TryEnter(1, true));
        using var patience = new CancellationTokenSource();
        var waits = _gate.EnterAsync(2, true, patience.Token);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);
        _gate.Leave(1, true);
        Assert.Equal(0, _gate.UnderWay);
        Assert.True(_gate.TryEnter(3, true));
    }
}
