using Actors.Api.Inbox;
using Actors.Policy;
using CsCheck;

namespace Actors.Api.Tests.Inbox;

/// <summary>The ids of a stream's events.</summary>
public sealed class StreamPlaceTests
{
    private const long User = 49_150_000_000;

    [Fact]
    public void An_id_leads_back_to_the_place_it_was_made_of() =>
        Gen.Select(Gen.Long[0, long.MaxValue], Gen.Long[0, long.MaxValue], Gen.Long[0, 253_402_300_799_999]).Sample((one, other, since) =>
        {
            var place = new StreamPlace(Math.Max(one, other), Math.Min(one, other), new Instant(since));
            Assert.True(StreamPlace.TryParse(User, place.ToId(User), out var read));
            Assert.Equal(place, read);
        });

    [Fact]
    public void A_made_up_or_mutilated_id_is_refused()
    {
        var id = new StreamPlace(7, 3, new Instant(1_790_000_000_000)).ToId(User);
        Assert.False(StreamPlace.TryParse(User, "", out _));
        Assert.False(StreamPlace.TryParse(User, id.AsSpan(0, id.Length - 1), out _));
        Assert.False(StreamPlace.TryParse(User, id + "A", out _));
        for (var i = 0; i < id.Length; i++)
        {
            var other = id.ToCharArray();
            other[i] = id[i] == 'A' ? 'B' : 'A';
            Assert.False(StreamPlace.TryParse(User, other, out _), id);
        }
    }

    [Fact]
    public void An_id_of_another_users_stream_is_refused()
    {
        var id = new StreamPlace(7, 3, new Instant(1_790_000_000_000)).ToId(User);
        Assert.All(Enumerable.Range(1, 100), apart => Assert.False(StreamPlace.TryParse(User + apart, id, out _)));
    }
}
