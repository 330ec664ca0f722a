using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Users;

namespace Actors.Ledger.Tests;

/// <summary>Event bodies as bytes: read back as they were, and never read as something else.</summary>
public sealed class EventCodecTests
{
    [Theory]
    [InlineData("event-v1-send")]
    [InlineData("event-v1-template")]
    [InlineData("event-v2-delivered")]
    [InlineData("event-v2-reported")]
    [InlineData("event-v2-send")]
    [InlineData("event-v2-answer")]
    public void A_stored_event_of_an_older_program_is_still_read(string sample)
    {
        var (@event, text) = sample switch
        {
            "event-v1-send" => (new UserEvent(
                EventKind.Accepted, Given.At(), Given.Business, 3, Given.Number, 77, Category.Marketing, Categories.Marketing, 200, true, true),
                null),
            "event-v1-template" => (
                new UserEvent(EventKind.TemplateChanged, Given.At(), Given.Business, Template: long.MaxValue), """{"status":"APPROVED"}"""),
            "event-v2-delivered" => (
                new UserEvent(EventKind.Delivered, Given.At(), Given.Business, 3, Given.Number, 77, Category.Utility, Quality: QualityMark.Of(true, true)),
                null),
            "event-v2-send" => (
                new UserEvent(
                    EventKind.Accepted, Given.At(), Given.Business, 3, Given.Number, 77, Category.Utility, Detail: 200, Opened: true, Quota: 300),
                null),
            "event-v2-answer" => (
                new UserEvent(EventKind.Accepted, Given.At(), Given.Business, 3, Given.Number, 77, Category.Authentication)
                {
                    Life = TimeSpan.FromMinutes(10),
                    Response = TimeSpan.FromMilliseconds(12_345),
                },
                null),
            _ => (
                new UserEvent(EventKind.Reported, Given.At(), Given.Business, 3, Given.Number, 77)
                {
                    Quality = QualityMark.Of(NegativeSignal.Report, NegativeSignal.Block, 78),
                },
                (string?)null),
        };

        var body = Convert.FromHexString(RecordCodecTests.Sample(sample));

        Assert.Equal(
            new LedgerEvent(9, 5, @event, text), EventCodec.Decode(9, (byte)@event.Kind, @event.At, 5, @event.Business, @event.Message, body));
        Assert.Equal(body, EventCodec.Encode(@event, text));
    }

    [Fact]
    public void A_damaged_or_unknown_event_is_refused()
    {
        var body = EventCodec.Encode(
            Given.Accepted(1) with
            {
                Quality = new QualityMark(true, false, NegativeSignal.Report, null, 7),
                Quota = 9,
                Life = TimeSpan.FromSeconds(30),
                Response = TimeSpan.Zero,
            },
            "{}");
        for (var i = 0; i < body.Length; i++)
        {
            Assert.Throws<InvalidDataException>(() => Decode(EventKind.Accepted, body[..i]));
        }

        Assert.Throws<InvalidDataException>(() => Decode(EventKind.Accepted, [.. body, 0]));
        Assert.Throws<InvalidDataException>(() => Decode(EventKind.Accepted, [3, .. body[1..]]));
        Assert.Throws<InvalidDataException>(() => Decode((EventKind)200, body));

        static LedgerEvent Decode(EventKind kind, byte[] bytes) => EventCodec.Decode(1, (byte)kind, Given.At(), 1, 1, 1, bytes);
    }
}
