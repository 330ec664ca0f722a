using System.Text;
using Actors.Api.Json;
using Actors.Api.V1;

namespace Actors.Api.Tests.V1;

/// <summary>What a user may write, and how it is stored.</summary>
public sealed class InboundMessageTests
{
    [Theory]
    [InlineData("""{"to":"1","type":"text","text":{"body":"STOP"}}""", "STOP", """{"type":"text","text":{"body":"STOP"}}""")]
    [InlineData(
        """{"to":"1","type":"button","button":{"text":"Stop","payload":"p"},"context":{"message_id":"mine"}}""",
        "Stop",
        """{"type":"button","button":{"text":"Stop","payload":"p"},"context":{"message_id":"mine"}}""")]
    [InlineData(
        """{"to":"1","type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"7","title":"Row"}}}""",
        "Row",
        """{"type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"7","title":"Row"}}}""")]
    [InlineData(
        """{"to":"1","type":"location","location":{"latitude":-90,"longitude":180}}""",
        null,
        """{"type":"location","location":{"latitude":-90,"longitude":180}}""")]
    public void A_message_is_stored_in_the_Cloud_APIs_shape(string body, string? text, string content)
    {
        var (message, checks) = Read(body);

        Assert.True(checks.Hold, string.Join("; ", checks.Faults));
        Assert.Equal(text, message!.Text);
        Assert.Equal(content, Encoding.UTF8.GetString(message.Content.Span));
    }

    [Fact]
    public void A_reaction_says_that_it_is_one_and_has_no_words()
    {
        var (message, _) = Read("""{"to":"1","type":"reaction","reaction":{"message_id":"mine","emoji":"👍"}}""");

        Assert.True(message!.IsReaction);
        Assert.Null(message.Text);
    }

    [Theory]
    [InlineData("""{"to":"1","type":"video_note"}""", "type")]
    [InlineData("""{"to":"1","type":"text"}""", "text")]
    [InlineData("""{"to":"1","type":"text","text":{"body":""}}""", "text.body")]
    [InlineData("""{"to":"1","type":"text","text":{"body":"a"},"image":{"link":"https://x.example/a"}}""", "image")]
    [InlineData("""{"to":"1","type":"image","image":{"link":"ftp://x.example/a"}}""", "image.link")]
    [InlineData("""{"to":"1","type":"location","location":{"latitude":90.1,"longitude":0}}""", "location.latitude")]
    [InlineData("""{"to":"1","type":"interactive","interactive":{"type":"nfm_reply"}}""", "interactive.type")]
    [InlineData("""{"to":"1","type":"interactive","interactive":{"type":"button_reply"}}""", "interactive.button_reply")]
    [InlineData("""{"to":"1","type":"text","text":{"body":"a"},"context":{"message_id":"another's"}}""", "context.message_id")]
    [InlineData("""{"to":"1","type":"reaction","reaction":{"message_id":"another's","emoji":""}}""", "reaction.message_id")]
    public void What_is_wrong_is_named(string body, string field)
    {
        var (message, checks) = Read(body);

        Assert.Null(message);
        Assert.Equal(field, Assert.Single(checks.Faults).Field);
    }

    [Fact]
    public void A_client_id_of_one_business_is_another_key_than_the_same_of_another()
    {
        Assert.Equal(InboundMessage.KeyOf(1, "a"), InboundMessage.KeyOf(1, "a"));
        Assert.NotEqual(InboundMessage.KeyOf(1, "a"), InboundMessage.KeyOf(2, "a"));
        Assert.NotEqual(InboundMessage.KeyOf(1, "a"), InboundMessage.KeyOf(1, "b"));
    }

    private static (InboundMessage? Message, Checks Checks) Read(string body)
    {
        var (request, problem) = JsonBody.Parse(Encoding.UTF8.GetBytes(body), V1Json.Strict.InboundRequest);
        Assert.Null(problem);
        var checks = new Checks();
        return (InboundMessage.From(request!, id => id == "mine", checks), checks);
    }
}
