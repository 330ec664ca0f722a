using Actors.Api.Inbox;
using Actors.Policy;
using Actors.Policy.Users;
using Line = Actors.Api.Inbox.AheadOfNews.Line;

namespace Actors.Api.Tests.Inbox;

/// <summary>What a stream remembers of what it read before the news told it.</summary>
public sealed class AheadOfNewsTests
{
    private readonly AheadOfNews _ahead = new();

    [Fact]
    public void What_was_read_isnt_told_again_and_what_goes_on_from_there_is()
    {
        _ahead.Wrote(1, MessageStatus.Delivered, At(5));
        _ahead.Wrote(2, MessageStatus.Read, At(5));
        _ahead.Wrote(3, MessageStatus.Accepted, At(5));
        Assert.True(_ahead.Says(2, MessageStatus.Delivered));
        Assert.False(_ahead.Says(1, MessageStatus.Expired));
        Assert.Equal(Line.Known, _ahead.Hear(1, MessageStatus.Delivered, At(5)));
        Assert.Equal(Line.New, _ahead.Hear(1, MessageStatus.Read, At(6)));
        Assert.Equal(Line.Known, _ahead.Hear(2, MessageStatus.Delivered, At(4)));
        Assert.Equal(Line.Known, _ahead.Hear(2, MessageStatus.Read, At(5)));
        Assert.False(_ahead.Says(2, MessageStatus.Read));
        Assert.Equal(Line.New, _ahead.Hear(3, MessageStatus.Failed, At(6)));
    }

    [Fact]
    public void What_the_news_have_passed_is_forgotten_and_what_they_may_still_tell_isnt()
    {
        _ahead.Wrote(1, MessageStatus.Delivered, At(5));
        _ahead.HeardUpTo(At(5));
        Assert.True(_ahead.Says(1, MessageStatus.Delivered));
        _ahead.HeardUpTo(At(6));
        Assert.False(_ahead.Says(1, MessageStatus.Delivered));
        _ahead.Wrote(2, MessageStatus.Delivered, At(5));
        Assert.False(_ahead.Says(2, MessageStatus.Delivered));
    }

    [Fact]
    public void Of_more_than_it_remembers_nothing_is_sure_until_the_news_have_passed_them()
    {
        for (var message = 1; message <= AheadOfNews.Max + 1; message++)
        {
            _ahead.Wrote(message, MessageStatus.Read, At(5));
        }

        Assert.Equal(Line.Known, _ahead.Hear(AheadOfNews.Max, MessageStatus.Read, At(5)));
        Assert.Equal(Line.Unsure, _ahead.Hear(AheadOfNews.Max + 1, MessageStatus.Delivered, At(5)));
        Assert.Equal(Line.New, _ahead.Hear(AheadOfNews.Max + 1, MessageStatus.Read, At(6)));
    }

    private static Instant At(long milliseconds) => new(milliseconds);
}
