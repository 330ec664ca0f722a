namespace Actors.Policy.Templates;

/// <summary>The wire format's limits of templates. Lengths are in Unicode characters. Not configuration: client libraries rely on them.</summary>
internal static class TemplateLimits
{
    public const int Name = 512;
    public const int HeaderText = 60;
    public const int Body = 1_024;
    public const int Footer = 60;
    public const int Buttons = 10;
    public const int UrlButtons = 2;
    public const int PhoneButtons = 1;
    public const int CopyCodeButtons = 1;
    public const int ButtonText = 25;
    public const int Url = 2_000;
    public const int PhoneNumber = 20;

    /// <summary>A coupon code in a send; its sample in a template is shorter (<see cref="CouponSample"/>).</summary>
    public const int Coupon = 20;
    public const int CouponSample = 15;
    public const int OneTimeCode = 15;
    public const int Payload = 256;

    /// <summary>The shortest and the longest life of a category's messages, in seconds; -1 besides, for utility and authentication, is 30 days.</summary>
    public static (int Min, int Max) LifeSeconds(Category category) => category switch
    {
        Category.Authentication => (30, 900),
        Category.Marketing => (43_200, 2_592_000),
        Category.Utility or Category.Service => (30, 43_200),
    };

    /// <summary>More blanks than this in a row are refused in a parameter.</summary>
    public const int BlanksInARow = 4;
}
