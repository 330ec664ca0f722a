using Actors.Policy.Templates;
using static Actors.Policy.Tests.Templates.FitSamples;

namespace Actors.Policy.Tests.Templates;

public sealed class ButtonFitTests
{
    [Fact]
    public void A_quick_reply_may_take_a_payload()
    {
        var template = Plain with { Buttons = [Button(ButtonType.QuickReply), Button(ButtonType.QuickReply)] };
        SentParameter Payload(string? text) => new("payload", null, text);
        Fits(template);
        Fits(template, Sent(1, "quick_reply", Payload("yes")));
        Fits(template, new SentComponent("button", "quick_reply", 1, default));
        Fits(template, Sent(0, "quick_reply", Payload(new string('x', 256))));
        Refuses(132005, "button 0: 257 characters are too long, at most 256 fit", template, Sent(0, "quick_reply", Payload(new string('x', 257))));
        Refuses(132012, "button 0: a quick reply takes a payload", template, Sent(0, "quick_reply", Text("yes")));
        Refuses(132012, "button 0: a quick reply takes a payload", template, Sent(0, "quick_reply", Payload("")));
        Refuses(
            132000,
            "button 0: number of parameters (2) does not match the expected number of parameters (1)",
            template,
            Sent(0, "quick_reply", Payload("a"), Payload("b")));
    }

    [Fact]
    public void An_address_takes_the_text_of_its_variable()
    {
        var template = Plain with { Buttons = [Button(ButtonType.Url, "https://shop.example/{{1}}")] };
        Fits(template, Sent(0, "url", Text("o/4711")));
        Refuses(132000, "button 0: number of parameters (0) does not match the expected number of parameters (1)", template);
        Refuses(132012, "button 0: the address takes a text", template, Sent(0, "url", Text(" ")));
        Refuses(132012, "button 0: the address takes a text", template, Sent(0, "url", new SentParameter("payload", null, "x")));
        Fits(template, Sent(0, "url", Text(new string('x', 1_979))));
        Refuses(132005, "button 0: 2001 characters are too long, at most 2000 fit", template, Sent(0, "url", Text(new string('x', 1_980))));

        var always = Plain with { Buttons = [Button(ButtonType.Url, "https://shop.example/")] };
        Fits(always);
        Fits(always, Sent(0, "url"));
        Refuses(132000, "button 0: number of parameters (1) does not match the expected number of parameters (0)", always, Sent(0, "url", Text("x")));
        Fits(Plain with { Buttons = [Button(ButtonType.Url)] });
    }

    [Fact]
    public void A_code_to_copy_is_letters_and_digits()
    {
        var template = Plain with { Buttons = [Button(ButtonType.CopyCode)] };
        SentParameter Coupon(string? code) => new("coupon_code", null, code);
        Fits(template, Sent(0, "copy_code", Coupon("SAVE20")));
        Fits(template, Sent(0, "COPY_CODE", Coupon(new string('9', 20))));
        Refuses(132005, "button 0: 21 characters are too long, at most 20 fit", template, Sent(0, "copy_code", Coupon(new string('9', 21))));
        Refuses(132000, "button 0: number of parameters (0) does not match the expected number of parameters (1)", template);
        foreach (var wrong in new[] { Coupon(null), Coupon(""), Coupon("A B"), Coupon("É"), Text("SAVE20") })
        {
            Refuses(132012, "button 0: the code must be a coupon_code of letters and digits", template, Sent(0, "copy_code", wrong));
        }
    }

    [Fact]
    public void A_call_takes_nothing()
    {
        var template = Plain with { Buttons = [Button(ButtonType.PhoneNumber)] };
        Fits(template);
        Fits(template, Sent(0, "phone_number"));
        Refuses(
            132000, "button 0: number of parameters (1) does not match the expected number of parameters (0)", template, Sent(0, "phone_number", Text("x")));
    }

    [Fact]
    public void Buttons_are_named_by_index_and_kind()
    {
        var template = Plain with { Buttons = [Button(ButtonType.QuickReply), Button(ButtonType.PhoneNumber)] };
        Refuses(132018, "button 2: the template has 2 buttons", template, Sent(2, "quick_reply"));
        Refuses(132018, "button -1: the template has 2 buttons", template, Sent(-1, "quick_reply"));
        Refuses(132018, "button 0: given more than once", template, Sent(0, "quick_reply"), Sent(0, "quick_reply"));
        Refuses(132012, "button 0: the sub_type is not the template's", template, Sent(0, "url"));
        Refuses(132012, "button 0: the sub_type is not the template's", template, Sent(0, null));
        Refuses(132012, "button 1: the sub_type is not the template's", template, Sent(1, "quick_reply"));
        Fits(template, Header(), Sent(0, "quick_reply"), Sent(1, "phone_number"));
    }

    [Theory]
    [InlineData(ButtonType.Url, "quick_reply")]
    [InlineData(ButtonType.CopyCode, "url")]
    [InlineData(ButtonType.Otp, "quick_reply")]
    public void Another_kind_of_button_is_refused(ButtonType type, string subType) =>
        Refuses(132012, "button 0: the sub_type is not the template's", Plain with { Buttons = [Button(type, "https://a.example")] }, Sent(0, subType));

    [Fact]
    public void An_authentication_template_takes_its_code_in_the_body_and_in_the_button()
    {
        foreach (var subType in new[] { "url", "otp", "copy_code" })
        {
            Fits(Code, Body(Text("123456")), Sent(0, subType, Text("123456")));
        }

        Fits(Code, Body(Text(new string('1', 15))), Sent(0, "url", Text(new string('1', 15))));
        Refuses(132018, "body: a one-time code has at most 15 characters", Code, Body(Text(new string('1', 16))), Sent(0, "url", Text("1")));
        Refuses(132018, "button 0: a one-time code has at most 15 characters", Code, Body(Text("1")), Sent(0, "url", Text(new string('1', 16))));
        Refuses(132000, "body: number of parameters (0) does not match the expected number of parameters (1)", Code);
        Refuses(132000, "button 0: number of parameters (0) does not match the expected number of parameters (1)", Code, Body(Text("1")));
        Refuses(132012, "body: the code must be a text", Code, Body(Text("")));
        Refuses(132012, "body: the code must be a text", Code, Body(new SentParameter("currency", null, "1")));
    }
}
