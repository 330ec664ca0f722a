using System.Collections.Immutable;

namespace Actors.Policy.Templates;

/// <summary>Checks a template's buttons.</summary>
internal static class ButtonLint
{
    public static void Check(TemplateContent template, string component, LintReport report)
    {
        var buttons = template.Buttons.IsDefault ? [] : template.Buttons;
        var list = $"{component}.buttons";
        if (template.Category == Category.Authentication && (buttons.Length != 1 || buttons[0].Type != ButtonType.Otp))
        {
            report.Refuse(0, list, "an authentication template has exactly one button, of type OTP");
        }

        AtMost(TemplateLimits.Buttons, buttons.Length, "buttons", list, report);
        AtMost(TemplateLimits.UrlButtons, buttons.Count(button => button.Type == ButtonType.Url), "buttons of type URL", list, report);
        AtMost(TemplateLimits.PhoneButtons, buttons.Count(button => button.Type == ButtonType.PhoneNumber), "buttons of type PHONE_NUMBER", list, report);
        AtMost(TemplateLimits.CopyCodeButtons, buttons.Count(button => button.Type == ButtonType.CopyCode), "buttons of type COPY_CODE", list, report);
        if (!QuickRepliesStandTogether(buttons))
        {
            report.Refuse(0, list, "quick replies must stand together, before or behind the other buttons");
        }

        for (var i = 0; i < buttons.Length; i++)
        {
            Check(buttons[i], template.Category, $"{list}[{i}]", report);
        }
    }

    private static void AtMost(int max, int count, string what, string field, LintReport report)
    {
        if (count > max)
        {
            report.Refuse(0, field, $"has {count} {what}, at most {max} are allowed");
        }
    }

    private static bool QuickRepliesStandTogether(ImmutableArray<TemplateButton> buttons)
    {
        var changes = 0;
        for (var i = 1; i < buttons.Length; i++)
        {
            changes += (buttons[i].Type == ButtonType.QuickReply) != (buttons[i - 1].Type == ButtonType.QuickReply) ? 1 : 0;
        }

        return changes <= 1;
    }

    private static void Check(TemplateButton button, Category category, string field, LintReport report)
    {
        Label(button, field, report);
        PromotionLint.Check(button.Text, category, $"{field}.text", report);
        switch (button.Type)
        {
            case ButtonType.Url:
                Url(button, field, report);
                break;
            case ButtonType.PhoneNumber:
                PhoneNumber(button.PhoneNumber ?? "", $"{field}.phone_number", report);
                break;
            case ButtonType.CopyCode when !IsSampleCode(button.Example):
                report.Refuse(0, $"{field}.example", $"must be a sample code of 1 to {TemplateLimits.CouponSample} letters and digits");
                break;
            case ButtonType.Otp when category != Category.Authentication:
                report.Refuse(0, $"{field}.type", "OTP buttons are for authentication templates");
                break;
            default:
                break;
        }
    }

    private static void Label(TemplateButton button, string field, LintReport report)
    {
        // The platform labels these two itself where the template doesn't.
        if (button.Text.Length == 0 && button.Type is ButtonType.CopyCode or ButtonType.Otp)
        {
            return;
        }

        if (TextLength.IsBlank(button.Text)
            || button.Text.Contains("{{", StringComparison.Ordinal)
            || button.Text.Contains('\n', StringComparison.Ordinal))
        {
            report.Refuse(0, $"{field}.text", "must be one line of text without variables");
        }

        report.Length(button.Text, TemplateLimits.ButtonText, $"{field}.text");
    }

    private static void Url(TemplateButton button, string field, LintReport report)
    {
        var url = button.Url ?? "";
        var open = url.IndexOf("{{", StringComparison.Ordinal);
        var address = open < 0 ? url : url[..open];
        if (!WebAddress.IsOne(address) || (open >= 0 && (url[open..] != "{{1}}" || !HasPath(address))))
        {
            report.Refuse(0, $"{field}.url", "must be an http or https address with at most one variable, {{1}}, at its end and behind the host's slash");
        }

        report.Length(url, TemplateLimits.Url, $"{field}.url");
        if (open >= 0 && TextLength.IsBlank(button.Example))
        {
            report.Refuse(0, $"{field}.example", "a sample for the address's variable is missing");
        }
    }

    /// <summary>Whether the host's name is at its end: a variable right behind it could make it another host.</summary>
    private static bool HasPath(string address) => address.IndexOf('/', "https://".Length) >= 0;

    private static bool IsSampleCode(string? code) =>
        code is { Length: > 0 and <= TemplateLimits.CouponSample } && code.All(char.IsAsciiLetterOrDigit);

    private static void PhoneNumber(string number, string field, LintReport report)
    {
        var digits = number.StartsWith('+') ? number[1..] : number;
        if (digits.Length == 0 || number.Length > TemplateLimits.PhoneNumber || !digits.All(char.IsAsciiDigit))
        {
            report.Refuse(0, field, $"must be a phone number of digits with + before them, at most {TemplateLimits.PhoneNumber} characters");
        }
    }
}
