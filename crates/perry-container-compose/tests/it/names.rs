use perry_container_compose::generate_name;
use proptest::prelude::*;

#[test]
fn one_image_gives_one_prefix() {
    let (first, second) = (generate_name("redis:7", 1), generate_name("redis:7", 2));
    assert_eq!(first.split_once('-').unwrap().0, second.split_once('-').unwrap().0);
    assert_ne!(first, second);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    // Feature: perry-container, Property 9: distinct pairs of image and seed give distinct names. (The eight digits of an
    // image's MD5 can coincide for two images, so the promise is kept by the seed: equal names mean equal seeds, and
    // different images with different seeds never meet.)
    #[test]
    fn property_09_generated_names_differ(
        image in ".{0,40}", other in ".{0,40}", seed in any::<u32>(), further in any::<u32>(),
    ) {
        let name = generate_name(&image, seed);
        let shape = |part: &str| part.len() == 8 && part.bytes().all(|b| b.is_ascii_hexdigit());
        let (prefix, suffix) = name.split_once('-').unwrap();
        prop_assert!(shape(prefix) && shape(suffix), "{}", name);
        prop_assert_eq!(&name, &generate_name(&image, seed));
        if seed != further {
            prop_assert_ne!(&name, &generate_name(&image, further));
            prop_assert_ne!(&name, &generate_name(&other, further));
        }
        if image != other {
            prop_assert_ne!(&name, &generate_name(&other, seed));
        }
    }
}
